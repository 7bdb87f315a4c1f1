import { Injectable } from '@nestjs/common';
import { CacheService, InjectCache, InjectRedis, RedisConnection, type RedisClient } from 'nestjs-redis-cache';
import { Product } from './product';

@Injectable()
export class ProductsService {
  loads = 0;

  constructor(
    readonly cache: CacheService,
    @InjectCache('products') readonly products: CacheService,
    readonly connection: RedisConnection,
    @InjectRedis() readonly redis: RedisClient,
  ) {}

  find(id: string): Promise<Product> {
    return this.products.getOrSet(id, () => {
      this.loads += 1;
      return new Product(`Product ${id}`, 1_250);
    });
  }
}
