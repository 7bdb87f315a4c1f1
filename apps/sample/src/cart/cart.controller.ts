import { Body, Controller, Delete, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse } from '@nestjs/swagger';
import { CurrentSession, HttpSession } from 'nestjs-redis-cache';
import { ProductsService } from '../products/products.service.js';
import { CartItem } from './cart-item.dto.js';

interface Shopper {
  readonly cart: readonly CartItem[];
}

/** The cart lies in the session, also before the login; the login takes it along. */
@Controller('cart')
export class CartController {
  constructor(private readonly products: ProductsService) {}

  @Get()
  @ApiOkResponse({ type: [CartItem] })
  async show(@CurrentSession() session: HttpSession<Shopper>): Promise<readonly CartItem[]> {
    return (await session.get('cart')) ?? [];
  }

  @Post()
  @HttpCode(200)
  @ApiOkResponse({ type: [CartItem] })
  async put(
    @Body() { productId, quantity }: CartItem,
    @CurrentSession() session: HttpSession<Shopper>,
  ): Promise<readonly CartItem[]> {
    await this.products.get(productId);
    const data = await session.update(({ cart = [] }) => {
      const others = cart.filter((item) => item.productId !== productId);
      return { cart: [...others, { productId, quantity }] };
    });
    return data?.cart ?? [];
  }

  @Delete()
  @HttpCode(204)
  async empty(@CurrentSession() session: HttpSession<Shopper>): Promise<void> {
    if ((await session.read()) !== undefined) await session.set({ cart: [] });
  }
}
