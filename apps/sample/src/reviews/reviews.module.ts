import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { ProductsModule } from '../products/products.module.js';
import { Review } from './review.entity.js';
import { ReviewsController } from './reviews.controller.js';
import { ReviewsRepository } from './reviews.repository.js';

@Module({
  imports: [
    ProductsModule,
    TypeOrmModule.forFeature([Review]),
    RedisCacheModule.forFeature([{ namespace: 'reviews', ttl: '10m', classes: [Review] }]),
  ],
  controllers: [ReviewsController],
  providers: [ReviewsRepository],
})
export class ReviewsModule {}
