import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { CacheEvict } from 'nestjs-redis-cache';
import { Repository } from 'typeorm';
import { Product } from '../products/product.entity.js';

@Injectable()
export class StockRepository {
  constructor(@InjectRepository(Product) private readonly products: Repository<Product>) {}

  /**
   * From the database, never from the cache: it is about to change. Who reads leaves his token, so that from now on nobody
   * with an older lock can write: what is written after this follows from what was read.
   */
  async read(productId: number, fencingToken: number): Promise<number | null> {
    await this.products
      .createQueryBuilder()
      .update()
      .set({ fence: fencingToken })
      .where('id = :productId AND fence <= :fencingToken', { productId, fencingToken })
      .execute();
    const product = await this.products.findOne({ where: { id: productId }, select: { id: true, stock: true } });
    return product?.stock ?? null;
  }

  /** @returns false when somebody with a newer lock has read or written since */
  @CacheEvict(
    { namespace: 'products', key: 'id:{0}', tags: ['product:{0}'], when: 'always' },
    { namespace: 'search', tags: ['product:{0}'], when: 'always' },
  )
  async set(productId: number, stock: number, fencingToken: number): Promise<boolean> {
    const { affected } = await this.products
      .createQueryBuilder()
      .update()
      .set({ stock, fence: fencingToken })
      .where('id = :productId AND fence <= :fencingToken', { productId, fencingToken })
      .execute();
    return affected === 1;
  }
}
