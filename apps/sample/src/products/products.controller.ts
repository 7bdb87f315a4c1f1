import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { ApiNotFoundResponse, ApiOkResponse } from '@nestjs/swagger';
import { ProductChanges } from './product-changes.dto.js';
import { ProductParams } from './product.params.js';
import { ProductView } from './product.view.js';
import { ProductsService } from './products.service.js';

@Controller('products/:id')
@ApiOkResponse({ type: ProductView })
@ApiNotFoundResponse()
export class ProductsController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  async show(@Param() { id }: ProductParams): Promise<ProductView> {
    return new ProductView(await this.products.get(id));
  }

  @Patch()
  async update(@Param() { id }: ProductParams, @Body() changes: ProductChanges): Promise<ProductView> {
    return new ProductView(await this.products.update(id, changes));
  }
}
