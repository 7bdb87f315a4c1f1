import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse } from '@nestjs/swagger';
import { PageQuery } from '../http/page.query.js';
import { ProductPageView } from './product-page.js';
import { ProductsService } from './products.service.js';

@Controller('categories/:slug/products')
export class CategoryProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @ApiOkResponse({ type: ProductPageView })
  @ApiNotFoundResponse()
  async list(@Param('slug') slug: string, @Query() { page }: PageQuery): Promise<ProductPageView> {
    return new ProductPageView(await this.products.pageOfCategory(slug, page), page);
  }
}
