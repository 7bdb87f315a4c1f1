import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  type INestApplication,
  type Provider,
  Query,
  Scope,
} from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { NextFunction, Request, Response } from 'express';
import { Cacheable, CacheConfig, RedisCacheModule } from 'nestjs-redis-cache';
import request from 'supertest';
import { uniquePrefix } from '../support/test-app.js';
import { sharedServer } from '../support/topologies.js';

const visit = new AsyncLocalStorage<{ readonly user: string | undefined }>();
const currentUser = () => visit.getStore()?.user;

/** How often something was loaded for whom. */
const loads: string[] = [];

async function load(what: string, user: string | undefined, page: string): Promise<string> {
  loads.push(`${what} ${user} ${page}`);
  await pause(20);
  return `${what} of ${user}, page ${page}`;
}

@CacheConfig({ varyBy: { user: currentUser } })
@Injectable()
class Orders {
  @Cacheable()
  list(page: string): Promise<string> {
    return load('orders', currentUser(), page);
  }
}

@Injectable({ scope: Scope.REQUEST })
class Wishes {
  constructor(@Inject(REQUEST) readonly request: Request) {}

  @Cacheable({ varyBy: { user: userOf } })
  list(page: string): Promise<string> {
    return load('wishes', userOf.call(this), page);
  }
}

function userOf(this: { readonly request: Request }): string | undefined {
  return this.request.get('x-user');
}

@Controller()
class AccountController {
  constructor(
    private readonly orders: Orders,
    private readonly wishes: Wishes,
  ) {}

  @Get('orders')
  showOrders(@Query('page') page: string): Promise<string> {
    return this.orders.list(page);
  }

  @Get('wishes')
  showWishes(@Query('page') page: string): Promise<string> {
    return this.wishes.list(page);
  }

  @Get('bills')
  @Cacheable({ varyBy: { user: currentUser } })
  showBills(@Query('page') page: string): Promise<string> {
    return load('bills', currentUser(), page);
  }
}

@Controller()
class CarelessController {
  @Get('bills')
  @Cacheable()
  showBills(@Query('page') page: string): Promise<string> {
    return load('bills', currentUser(), page);
  }
}

@Injectable({ scope: Scope.REQUEST })
class CarelessWishes {
  constructor(@Inject(REQUEST) readonly request: Request) {}

  @Cacheable()
  list(page: string): Promise<string> {
    return load('wishes', this.request.get('x-user'), page);
  }
}

async function open(
  controllers: (new (...args: never[]) => object)[],
  providers: Provider[],
): Promise<INestApplication> {
  const root = RedisCacheModule.forRoot({ connection: sharedServer(), keyPrefix: uniquePrefix() });
  const module = await Test.createTestingModule({ imports: [root], controllers, providers }).compile();
  const app = module.createNestApplication({ logger: false });
  app.use((incoming: Request, _: Response, next: NextFunction) =>
    visit.run({ user: incoming.get('x-user') }, () => next()),
  );
  try {
    await app.listen(0, '127.0.0.1');
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

describe('what is cached under default keys', () => {
  let app: INestApplication;

  beforeAll(async () => {
    app = await open([AccountController], [Orders, Wishes]);
  });
  afterAll(() => app.close());
  beforeEach(() => loads.splice(0));

  it.each(['orders', 'wishes', 'bills'])('never gives one user the %s of another', async (what) => {
    const users = ['ada', 'bob', 'eve', 'ada:1', '*'];
    const visits = [1, 2, 3].flatMap(() => users.flatMap((user) => ['1', '2'].map((page) => ({ user, page }))));
    const http = request(await app.getUrl());
    for (const round of [1, 2]) {
      const answers = await Promise.all(
        visits.map(({ user, page }) => http.get(`/${what}?page=${page}`).set('x-user', user).expect(200)),
      );
      const expected = visits.map(({ user, page }) => `${what} of ${user}, page ${page}`);
      expect([round, ...answers.map(({ text }) => text)]).toEqual([round, ...expected]);
    }
    expect(loads.sort()).toEqual(users.flatMap((user) => [`${what} ${user} 1`, `${what} ${user} 2`]).sort());
  });

  it.each(['orders', 'wishes', 'bills'])('gives nobody the %s of somebody', async (what) => {
    const http = request(await app.getUrl());
    await http.get(`/${what}?page=3`).set('x-user', 'ada').expect(200);
    await http.get(`/${what}?page=3`).expect(500);
    expect(loads).toEqual([`${what} ada 3`]);
  });

  it.each([
    ['a controller', [CarelessController], []],
    ['a request-scoped class', [], [CarelessWishes]],
  ])('in %s has to say whose it is, or the application does not boot', async (_, controllers, providers) => {
    await expect(open(controllers, providers)).rejects.toThrow(/varyBy/);
  });
});
