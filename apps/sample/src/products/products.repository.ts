import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { CacheService, InjectCache } from 'nestjs-redis-cache';
import { LessThan, Repository } from 'typeorm';
import type { Category } from '../categories/category.entity.js';
import type { ProductChanges } from './product-changes.dto.js';
import { PAGE_SIZE, type ProductPage, rowsOfPage } from './product-page.js';
import { Product } from './product.entity.js';

const keyOf = (id: number) => `id:${id}`;
const keyOfPage = (category: Category, page: number) => `category:${category.id}:page:${page}`;

@Injectable()
export class ProductsRepository {
  constructor(
    @InjectRepository(Product) private readonly products: Repository<Product>,
    @InjectCache('products') private readonly cache: CacheService,
  ) {}

  /** `null` is cached too: asking again for a product that does not exist costs no query. */
  find(id: number): Promise<Product | null> {
    return this.cache.getOrSet(keyOf(id), () => this.load(id));
  }

  findPage(category: Category, page: number): Promise<ProductPage> {
    return this.cache.getOrSet(keyOfPage(category, page), () => this.loadPage(category, page));
  }

  async update(id: number, changes: ProductChanges): Promise<Product | null> {
    // From the database, as a change must not start from a cached copy; without reviews, as `save` would write them too.
    const product = await this.products.findOne({ where: { id }, relations: { category: true } });
    if (!product) return null;
    const outdated = [keyOf(id), keyOfPage(product.category, await this.pageOf(product))];
    await this.products.save(this.products.merge(product, changes));
    await this.cache.deleteMany(outdated);
    return this.load(id);
  }

  /** For whoever changes something a product is shown with, such as its reviews. */
  async evict(id: number): Promise<void> {
    await this.cache.delete(keyOf(id));
  }

  count(): Promise<number> {
    return this.products.count();
  }

  private load(id: number): Promise<Product | null> {
    return this.products.findOne({
      where: { id },
      relations: { category: true, reviews: true },
      order: { reviews: { id: 'DESC' } },
    });
  }

  private async loadPage(category: Category, page: number): Promise<ProductPage> {
    const [products, total] = await this.products.findAndCount({
      where: { category: { id: category.id } },
      order: { id: 'ASC' },
      ...rowsOfPage(page),
    });
    return { products, total };
  }

  /** Pages are in the order of ids, which never change: a product stays on one page of its category. */
  private async pageOf({ id, category }: Product): Promise<number> {
    const before = await this.products.countBy({ category: { id: category.id }, id: LessThan(id) });
    return Math.floor(before / PAGE_SIZE) + 1;
  }
}
