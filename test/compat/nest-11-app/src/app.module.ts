import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { APP_GUARD } from '@nestjs/core';
import { RateLimitGuard, RedisCacheModule, type RedisCacheOptions } from 'nestjs-redis-cache';
import { redisConfig } from 'nestjs-redis-cache/config';
import { LimitedController } from './limited.controller';
import { Product } from './product';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';
import { ShopController } from './shop.controller';

@Module({
  imports: [
    ConfigModule.forRoot({ ignoreEnvFile: true }),
    RedisCacheModule.forRootAsync({
      ...redisConfig.asProvider(),
      inject: [redisConfig.KEY],
      useFactory: (options: RedisCacheOptions): RedisCacheOptions => ({ ...options, session: { maxPerUser: 5 } }),
    }),
    RedisCacheModule.forFeature([
      { namespace: 'products', ttl: '10m', classes: [Product] },
      { namespace: 'catalogue', classes: [Product] },
      { namespace: 'copied', l1: true },
    ]),
  ],
  controllers: [ShopController, LimitedController],
  providers: [ProductsRepository, ProductsService, { provide: APP_GUARD, useClass: RateLimitGuard }],
})
export class AppModule {}
