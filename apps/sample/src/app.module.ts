import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { redisConfig } from 'nestjs-redis-cache/config';
import { AccountsModule } from './accounts/accounts.module.js';
import { CartModule } from './cart/cart.module.js';
import { CategoriesModule } from './categories/categories.module.js';
import { CheckoutModule } from './checkout/checkout.module.js';
import { DatabaseModule } from './database/database.module.js';
import { environment } from './environment.js';
import { ExportsModule } from './exports/exports.module.js';
import { HealthModule } from './health/health.module.js';
import { HttpModule } from './http/http.module.js';
import { ProductsModule } from './products/products.module.js';
import { RateLimitsModule } from './rate-limits/rate-limits.module.js';
import { redisOptions } from './redis.options.js';
import { ReviewsModule } from './reviews/reviews.module.js';
import { SearchModule } from './search/search.module.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, load: [environment] }),
    RedisCacheModule.forRootAsync({
      ...redisConfig.asProvider(),
      inject: [redisConfig.KEY, environment.KEY],
      useFactory: redisOptions,
    }),
    DatabaseModule,
    HttpModule,
    RateLimitsModule,
    // Before ProductsModule: its route /products/:id would take "search" for an id.
    SearchModule,
    ProductsModule,
    CheckoutModule,
    ReviewsModule,
    CategoriesModule,
    AccountsModule,
    CartModule,
    ExportsModule,
    HealthModule,
  ],
})
export class AppModule {}
