import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { CategoriesController } from './categories.controller.js';
import { CategoriesRepository } from './categories.repository.js';
import { Category } from './category.entity.js';

@Module({
  imports: [
    TypeOrmModule.forFeature([Category]),
    RedisCacheModule.forFeature([{ namespace: 'categories', ttl: '1h', classes: [Category] }]),
  ],
  controllers: [CategoriesController],
  providers: [CategoriesRepository],
  exports: [CategoriesRepository],
})
export class CategoriesModule {}
