import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiNoContentResponse, ApiNotFoundResponse, ApiOkResponse } from '@nestjs/swagger';
import { PageQuery } from '../http/page.query.js';
import { MovedProducts } from './moved-products.dto.js';
import { ProductPageView } from './product-page.js';
import { ProductsService } from './products.service.js';

@Controller('categories/:slug/products')
@ApiNotFoundResponse()
export class CategoryProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @ApiOkResponse({ type: ProductPageView })
  async list(@Param('slug') slug: string, @Query() { page }: PageQuery): Promise<ProductPageView> {
    return new ProductPageView(await this.products.pageOfCategory(slug, page), page);
  }

  @Post()
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'All of them are in this category now' })
  @ApiConflictResponse({ description: 'Somebody else has just moved one of them; none has been moved here' })
  async move(@Param('slug') slug: string, @Body() { productIds }: MovedProducts): Promise<void> {
    await this.products.moveToCategory(slug, productIds);
  }
}
