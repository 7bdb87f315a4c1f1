import { ApiProperty } from '@nestjs/swagger';
import type { Product } from './product.entity.js';
import { ProductSummaryView } from './product.view.js';

export const PAGE_SIZE = 20;

/** One page of a list, as the database and the cache know it. */
export interface ProductPage {
  readonly products: Product[];
  readonly total: number;
}

/** `skip` and `take` of a page; the first page is 1. */
export const rowsOfPage = (page: number) => ({ skip: (page - 1) * PAGE_SIZE, take: PAGE_SIZE });

export class ProductPageView {
  @ApiProperty({ type: [ProductSummaryView] })
  readonly products: ProductSummaryView[];

  @ApiProperty({ example: 1 })
  readonly page: number;

  @ApiProperty({ example: 25 })
  readonly pages: number;

  @ApiProperty({ example: 500 })
  readonly total: number;

  constructor({ products, total }: ProductPage, page: number) {
    this.products = products.map((product) => new ProductSummaryView(product));
    this.page = page;
    this.pages = Math.ceil(total / PAGE_SIZE);
    this.total = total;
  }
}
