import { Body, Controller, Param, Post } from '@nestjs/common';
import {
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiNotFoundResponse,
  ApiServiceUnavailableResponse,
} from '@nestjs/swagger';
import { ProductParams } from '../products/product.params.js';
import { CheckoutService } from './checkout.service.js';
import { Order, StockView } from './order.dto.js';

@Controller('products/:id/orders')
export class CheckoutController {
  constructor(private readonly checkout: CheckoutService) {}

  @Post()
  @ApiCreatedResponse({ type: StockView })
  @ApiNotFoundResponse()
  @ApiConflictResponse({ description: 'So many are not left' })
  @ApiServiceUnavailableResponse({ description: 'Too many want to buy it at the same time' })
  async buy(@Param() { id }: ProductParams, @Body() { count }: Order): Promise<StockView> {
    return new StockView(await this.checkout.buy(id, count));
  }
}
