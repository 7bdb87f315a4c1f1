import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { CategoriesModule } from '../categories/categories.module.js';
import { Category } from '../categories/category.entity.js';
import { Review } from '../reviews/review.entity.js';
import { CategoryProductsController } from './category-products.controller.js';
import { Product } from './product.entity.js';
import { ProductsController } from './products.controller.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';

@Module({
  imports: [
    CategoriesModule,
    TypeOrmModule.forFeature([Product]),
    // A cached product comes back as a Product, with its Category and its Reviews: their methods work.
    RedisCacheModule.forFeature([
      { namespace: 'products', ttl: '10m', classes: [Product, Category, Review] },
      { namespace: 'search', ttl: '30s', classes: [Product] },
    ]),
  ],
  controllers: [ProductsController, CategoryProductsController],
  providers: [ProductsRepository, ProductsService],
  exports: [ProductsRepository, ProductsService],
})
export class ProductsModule {}
