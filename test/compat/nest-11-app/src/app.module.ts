import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { RedisCacheModule } from 'nestjs-redis-cache';
import { redisConfig } from 'nestjs-redis-cache/config';
import { Product } from './product';
import { ProductsRepository } from './products.repository';
import { ProductsService } from './products.service';

@Module({
  imports: [
    ConfigModule.forRoot({ ignoreEnvFile: true }),
    RedisCacheModule.forRootAsync(redisConfig.asProvider()),
    RedisCacheModule.forFeature([
      { namespace: 'products', ttl: '10m', classes: [Product] },
      { namespace: 'catalogue', classes: [Product] },
      { namespace: 'copied', l1: true },
    ]),
  ],
  providers: [ProductsRepository, ProductsService],
})
export class AppModule {}
