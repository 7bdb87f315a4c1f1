import type { ServerResponse } from 'node:http';
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  type INestApplication,
  Module,
  Param,
  Patch,
  Post,
  Res,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import {
  type ConnectionOptions,
  CsrfGuard,
  CurrentSession,
  HttpSession,
  RedisCacheModule,
  RequireFreshLogin,
  SessionGuard,
  type SessionOptions,
  SessionService,
  SessionUser,
  SkipCsrf,
} from 'nestjs-redis-cache';
import { uniquePrefix } from '../../support/test-app.js';

interface Shopper {
  readonly cart: readonly string[];
  readonly visits: number;
}

@Controller()
class ShopController {
  @Get('untouched')
  untouched(@CurrentSession() session: HttpSession<Shopper>): object {
    return { isThere: session instanceof HttpSession };
  }

  @Get('me')
  @UseGuards(SessionGuard)
  me(@SessionUser() userId: string, @CurrentSession() session: HttpSession<Shopper>): object {
    return { userId, same: session.userId };
  }

  @Get('guarded')
  @UseGuards(SessionGuard)
  guarded(): object {
    return { isIn: true };
  }

  @Get('user')
  user(@SessionUser() userId: string): object {
    return { userId };
  }

  @Get('cart')
  async cart(@CurrentSession() session: HttpSession<Shopper>): Promise<object> {
    return { cart: (await session.get('cart')) ?? [], userId: session.userId ?? null };
  }

  @Post('cart')
  @HttpCode(200)
  async add(@CurrentSession() session: HttpSession<Shopper>, @Body() { item }: { item: string }): Promise<object> {
    const data = await session.update(({ cart = [] }) => ({ cart: [...cart, item] }));
    return { cart: data?.cart ?? null };
  }

  @Post('twice')
  @HttpCode(200)
  async twice(@CurrentSession() session: HttpSession<Shopper>): Promise<object> {
    const written = await Promise.all([session.set({ cart: ['tea'] }), session.set({ visits: 1 })]);
    return { written, data: (await session.read())?.data };
  }

  @Post('login')
  @HttpCode(200)
  async login(@CurrentSession() session: HttpSession<Shopper>, @Body() { user }: { user: string }): Promise<object> {
    const login = await session.beginLogin(user);
    const { token } = await session.login(user, { login });
    return { token };
  }

  @Delete('session')
  @HttpCode(200)
  async logout(@CurrentSession() session: HttpSession<Shopper>): Promise<object> {
    return { ended: await session.logout() };
  }

  @Post('rotate')
  @HttpCode(200)
  async rotate(@CurrentSession() session: HttpSession<Shopper>): Promise<object> {
    const rotated = await session.rotate();
    return {
      rotated: typeof rotated === 'object' ? 'rotated' : (rotated ?? null),
      user: (await session.read())?.userId,
    };
  }

  @Patch('email')
  @RequireFreshLogin('5m')
  email(): object {
    return { changed: true };
  }

  @Patch('password')
  @RequireFreshLogin(1)
  password(): object {
    return { changed: true };
  }

  @Post('too-late')
  async tooLate(@CurrentSession() session: HttpSession<Shopper>, @Res() response: unknown): Promise<void> {
    const raw = ((response as { raw?: unknown }).raw ?? response) as ServerResponse;
    (response as { hijack?: () => void }).hijack?.();
    raw.writeHead(200, { 'content-type': 'text/plain' });
    const failure = await session.login('late').then(
      () => 'logged in',
      ({ code }: { code: string }) => code,
    );
    raw.end(failure);
  }
}

@Controller('forms')
@UseGuards(CsrfGuard)
class FormsController {
  @Get()
  async form(@CurrentSession() session: HttpSession<Shopper>): Promise<object> {
    return { csrf: await session.csrfToken() };
  }

  @Post()
  @HttpCode(200)
  submit(): object {
    return { submitted: true };
  }

  @SkipCsrf()
  @Post('webhook')
  @HttpCode(200)
  webhook(): object {
    return { submitted: true };
  }
}

/** Uses the service itself, as a page for administrators would. */
@Controller('service')
class ServiceController {
  constructor(private readonly sessions: SessionService<Shopper>) {}

  @Get(':token')
  async show(@Param('token') token: string): Promise<object> {
    return { userId: (await this.sessions.get(token))?.userId ?? null };
  }

  @Post('users/:id')
  async create(@Param('id') userId: string): Promise<object> {
    return { token: (await this.sessions.create({ userId })).token };
  }

  @Get('users/:id')
  async list(@Param('id') userId: string): Promise<object> {
    return { sessions: await this.sessions.list(userId) };
  }

  @Delete('users/:id')
  async destroyAll(@Param('id') userId: string): Promise<object> {
    return { ended: await this.sessions.destroyAll(userId) };
  }

  @Delete('users')
  async destroyEveryone(): Promise<void> {
    await this.sessions.destroyEveryone();
  }
}

export const PLATFORMS = ['express', 'fastify'] as const;

export async function openWebApp(
  platform: (typeof PLATFORMS)[number],
  connection: ConnectionOptions,
  session: SessionOptions,
  { controllers = [] }: { readonly controllers?: readonly Type[] } = {},
): Promise<INestApplication> {
  const root = RedisCacheModule.forRoot({ connection, keyPrefix: uniquePrefix(), session });
  @Module({ imports: [root], controllers: [ShopController, FormsController, ServiceController, ...controllers] })
  class WebModule {}
  const tested = await Test.createTestingModule({ imports: [WebModule] }).compile();
  const app: INestApplication =
    platform === 'fastify'
      ? tested.createNestApplication(new FastifyAdapter() as never, { logger: false })
      : tested.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  return app;
}
