import { Injectable, NotFoundException } from '@nestjs/common';
import { UnitOfWork } from 'nestjs-redis-cache';
import { DataSource } from 'typeorm';
import { CategoriesRepository } from '../categories/categories.repository.js';
import type { Category } from '../categories/category.entity.js';
import type { ProductChanges } from './product-changes.dto.js';
import type { ProductPage } from './product-page.js';
import type { Product } from './product.entity.js';
import { ProductsRepository } from './products.repository.js';

/** Answers with a product or with "404 Not Found", never with null. */
@Injectable()
export class ProductsService {
  constructor(
    private readonly database: DataSource,
    private readonly products: ProductsRepository,
    private readonly categories: CategoriesRepository,
  ) {}

  async get(id: number): Promise<Product> {
    return (await this.products.find(id)) ?? noProduct(id);
  }

  async update(id: number, changes: ProductChanges): Promise<Product> {
    return (await this.products.update(id, changes)) ?? noProduct(id);
  }

  async pageOfCategory(slug: string, page: number): Promise<ProductPage> {
    return this.products.findPage(await this.category(slug), page);
  }

  /** All of them, or none: what the repository evicts waits until the transaction has ended. */
  @UnitOfWork()
  async moveToCategory(slug: string, ids: readonly number[]): Promise<void> {
    const category = await this.category(slug);
    await this.database.transaction(async (manager) => {
      // In one order, or two transactions that move the same products could wait for each other.
      for (const id of ids.toSorted((one, other) => one - other)) {
        const left = await this.products.move(id, category, manager);
        if (left === null) noProduct(id);
      }
    });
  }

  private async category(slug: string): Promise<Category> {
    return (await this.categories.findBySlug(slug)) ?? notFound(`There is no category "${slug}".`);
  }
}

function noProduct(id: number): never {
  return notFound(`There is no product ${id}.`);
}

function notFound(message: string): never {
  throw new NotFoundException(message);
}
