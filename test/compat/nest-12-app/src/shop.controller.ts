import { Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { CurrentSession, HttpSession, RequireFreshLogin, SessionGuard, SessionUser } from 'nestjs-redis-cache';

interface Shopper {
  readonly cart: readonly string[];
}

@Controller()
export class ShopController {
  @Post('cart/:item')
  @HttpCode(200)
  async add(@CurrentSession() session: HttpSession<Shopper>, @Param('item') item: string): Promise<readonly string[]> {
    const data = await session.update(({ cart = [] }) => ({ cart: [...cart, item] }));
    return data?.cart ?? [];
  }

  @Post('session/:user')
  @HttpCode(200)
  async logIn(@CurrentSession() session: HttpSession<Shopper>, @Param('user') user: string): Promise<void> {
    const login = await session.beginLogin(user);
    await session.login(user, { login });
  }

  @Get('me')
  @UseGuards(SessionGuard)
  me(@SessionUser() user: string): string {
    return user;
  }

  @Get('email')
  @RequireFreshLogin('5m')
  email(@SessionUser() user: string): string {
    return `${user}@shop.example`;
  }

  @Delete('session')
  async logOut(@CurrentSession() session: HttpSession<Shopper>): Promise<void> {
    await session.logout();
  }
}
