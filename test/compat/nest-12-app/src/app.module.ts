import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { RedisCacheModule, type RedisCacheOptions } from 'nestjs-redis-cache';
import { redisConfig } from 'nestjs-redis-cache/config';
import { Product } from './product.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';
import { ShopController } from './shop.controller.js';

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
  controllers: [ShopController],
  providers: [ProductsRepository, ProductsService],
})
export class AppModule {}
