import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTooManyRequestsResponse } from '@nestjs/swagger';
import { RateLimit } from 'nestjs-redis-cache';
import { ProductPageView } from '../products/product-page.js';
import { ProductsRepository } from '../products/products.repository.js';
import { SearchQuery } from './search.query.js';

@Controller('products/search')
export class SearchController {
  constructor(private readonly products: ProductsRepository) {}

  @Get()
  @RateLimit({ name: 'search', limit: 60, window: '1m' })
  @ApiTooManyRequestsResponse({ description: 'More than 60 searches from one address within a minute' })
  @ApiOkResponse({ type: ProductPageView, description: 'A product that was renamed is found after at most 30 seconds' })
  async search(@Query() { q, page }: SearchQuery): Promise<ProductPageView> {
    return new ProductPageView(await this.products.search(q, page), page);
  }
}
