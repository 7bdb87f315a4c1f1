import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { CacheService, InjectCache } from 'nestjs-redis-cache';
import { ILike, Repository } from 'typeorm';
import { type ProductPage, rowsOfPage } from '../products/product-page.js';
import { Product } from '../products/product.entity.js';

/**
 * Nobody can name the searches a changed product is found by, so no change evicts them:
 * their short ttl says how old a result may be. The product's own page is never old.
 */
@Injectable()
export class SearchRepository {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @InjectCache('search') private readonly cache: CacheService,
  ) {}

  find(text: string, page: number): Promise<ProductPage> {
    return this.cache.getOrSet(`${page}:${text}`, () => this.load(text, page));
  }

  private async load(text: string, page: number): Promise<ProductPage> {
    const [products, total] = await this.products.findAndCount({
      where: { name: ILike(`%${text}%`) },
      order: { id: 'ASC' },
      ...rowsOfPage(page),
    });
    return { products, total };
  }
}
