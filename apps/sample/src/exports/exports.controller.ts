import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiTooManyRequestsResponse } from '@nestjs/swagger';
import { RateLimit } from 'nestjs-redis-cache';
import { ProductsService } from '../products/products.service.js';
import { customerOf } from './customer.js';

@Controller('exports')
@RateLimit(
  // As many per hour as the customer's plan says.
  {
    name: 'exports',
    limit: (context) => customerOf(context).exportsPerHour,
    window: '1h',
    key: (context) => customerOf(context).name,
  },
  // And only two of a customer at the same time.
  {
    name: 'running-exports',
    limit: 2,
    window: '30s',
    algorithm: 'concurrency',
    key: (context) => customerOf(context).name,
  },
)
@ApiTooManyRequestsResponse({ description: 'The plan is used up, or two exports are running' })
export class ExportsController {
  constructor(private readonly products: ProductsService) {}

  @Get('categories/:slug')
  @Header('Content-Type', 'text/csv; charset=utf-8')
  @ApiHeader({ name: 'X-Api-Key', required: false, example: 'demo-pro' })
  @ApiOkResponse({ description: 'The first page of a category, as CSV' })
  async category(@Param('slug') slug: string): Promise<string> {
    const { products } = await this.products.pageOfCategory(slug, 1);
    return ['id,stock', ...products.map(({ id, stock }) => `${id},${stock}`)].join('\n');
  }
}
