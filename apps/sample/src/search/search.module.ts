import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { Product } from '../products/product.entity.js';
import { SearchController } from './search.controller.js';
import { SearchRepository } from './search.repository.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Product]),
    RedisCacheModule.forFeature([{ namespace: 'search', ttl: '30s', classes: [Product] }]),
  ],
  controllers: [SearchController],
  providers: [SearchRepository],
})
export class SearchModule {}
