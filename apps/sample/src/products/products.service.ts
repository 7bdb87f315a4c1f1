import { Injectable, NotFoundException } from '@nestjs/common';
import { CategoriesRepository } from '../categories/categories.repository.js';
import type { ProductChanges } from './product-changes.dto.js';
import type { ProductPage } from './product-page.js';
import type { Product } from './product.entity.js';
import { ProductsRepository } from './products.repository.js';

/** Answers with a product or with "404 Not Found", never with null. */
@Injectable()
export class ProductsService {
  constructor(
    private readonly products: ProductsRepository,
    private readonly categories: CategoriesRepository,
  ) {}

  async get(id: number): Promise<Product> {
    const product = await this.products.find(id);
    return product ?? notFound(`There is no product ${id}.`);
  }

  async update(id: number, changes: ProductChanges): Promise<Product> {
    const product = await this.products.update(id, changes);
    return product ?? notFound(`There is no product ${id}.`);
  }

  async pageOfCategory(slug: string, page: number): Promise<ProductPage> {
    const category = (await this.categories.findBySlug(slug)) ?? notFound(`There is no category "${slug}".`);
    return this.products.findPage(category, page);
  }
}

function notFound(message: string): never {
  throw new NotFoundException(message);
}
