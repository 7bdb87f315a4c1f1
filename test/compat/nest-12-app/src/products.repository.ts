import { Injectable } from '@nestjs/common';
import { Cacheable, CacheConfig, CacheEvict } from 'nestjs-redis-cache';
import { Product } from './product.js';

@CacheConfig({ namespace: 'catalogue' })
@Injectable()
export class ProductsRepository {
  readonly calls: string[] = [];
  private readonly cents = new Map<string, number>();

  @Cacheable({ key: 'product:{0}', tagsFrom: (product) => [`price:${product.cents}`], ttl: '1h' })
  async find(id: string): Promise<Product> {
    this.calls.push(`find ${id}`);
    return new Product(`Product ${id}`, this.cents.get(id) ?? 1_250);
  }

  /** Under the default key. */
  @Cacheable()
  async list(page: number, { descending }: { readonly descending: boolean }): Promise<Product[]> {
    this.calls.push(`list ${page} ${descending}`);
    return [await this.find('1')];
  }

  @CacheEvict({ key: 'product:{0}', pattern: 'ProductsRepository.list:*' })
  async update(id: string, cents: number): Promise<void> {
    this.calls.push(`update ${id}`);
    this.cents.set(id, cents);
  }

  @CacheEvict({ tags: (cents: number) => [`price:${cents}`] })
  async deprecate(cents: number): Promise<void> {
    this.calls.push(`deprecate ${cents}`);
  }
}
