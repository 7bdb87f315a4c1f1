import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { ProductPageView } from '../products/product-page.js';
import { ProductsRepository } from '../products/products.repository.js';
import { SearchQuery } from './search.query.js';

@Controller('products/search')
export class SearchController {
  constructor(private readonly products: ProductsRepository) {}

  @Get()
  @ApiOkResponse({ type: ProductPageView, description: 'A product that was renamed is found after at most 30 seconds' })
  async search(@Query() { q, page }: SearchQuery): Promise<ProductPageView> {
    return new ProductPageView(await this.products.search(q, page), page);
  }
}
