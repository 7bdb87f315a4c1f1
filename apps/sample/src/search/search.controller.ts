import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { ProductPageView } from '../products/product-page.js';
import { SearchQuery } from './search.query.js';
import { SearchRepository } from './search.repository.js';

@Controller('products/search')
export class SearchController {
  constructor(private readonly results: SearchRepository) {}

  @Get()
  @ApiOkResponse({ type: ProductPageView, description: 'Up to 30 seconds old' })
  async search(@Query() { q, page }: SearchQuery): Promise<ProductPageView> {
    return new ProductPageView(await this.results.find(q, page), page);
  }
}
