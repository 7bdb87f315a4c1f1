import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Controller, type ExecutionContext, Get, UnauthorizedException } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { RateLimit } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { headerOf } from './limited-controllers.js';
import { PLATFORMS, start, type Started } from './start.js';

/** How many are decided on only now that their caller has gone. */
let late = 0;
let arrived = 0;

async function afterTheCallerHasGone(context: ExecutionContext): Promise<void> {
  const response = context.switchToHttp().getResponse<ServerResponse & { readonly raw?: ServerResponse }>();
  arrived += 1;
  await once(response.raw ?? response, 'close');
  late += 1;
}

@Controller()
class SlotsController {
  @Get('slow-guard')
  @RateLimit({
    name: 'slot',
    limit: async (context) => {
      if (headerOf(context, 'x-gone') === 'yes') await afterTheCallerHasGone(context);
      return 1;
    },
    window: '10m',
    algorithm: 'concurrency',
  })
  slowGuard(): string {
    return 'fine';
  }

  @Get('login')
  @RateLimit({ name: 'failures', limit: 1, window: '10m', countOnly: 'failed' })
  login(): string {
    return 'welcome';
  }

  @Get('wrong')
  @RateLimit({ name: 'failures', limit: 1, window: '10m', countOnly: 'failed' })
  wrong(): string {
    throw new UnauthorizedException();
  }

  @Get('slot')
  @RateLimit({ name: 'slot', limit: 1, window: '10m', algorithm: 'concurrency' })
  slot(): string {
    return 'fine';
  }
}

describe.each(PLATFORMS)('what is given back (%s)', (platform) => {
  let started: Started;

  beforeEach(async () => {
    started = await start({ platform, controllers: [SlotsController] });
  });
  afterEach(() => started.app.close());

  it('is the slot of a caller who has gone before it was taken, too', async () => {
    const { get, url } = started;
    [arrived, late] = [0, 0];
    const gone = new AbortController();
    const asking = fetch(`${url}/slow-guard`, { signal: gone.signal, headers: { 'x-gone': 'yes' } });
    await eventually(() => expect(arrived).toBe(1));
    gone.abort();
    await expect(asking).rejects.toThrow('aborted');
    await eventually(() => expect(late).toBe(1));
    for (let time = 0; time < 5; time += 1)
      await eventually(async () => expect((await get('/slow-guard')).status).toBe(200));
  });

  if (platform === 'fastify') {
    it('is known of requests that are injected, without a socket', async () => {
      const app = started.app as NestFastifyApplication;
      const statusOf = async (url: string) => (await app.inject({ url })).statusCode;
      for (const path of ['/slot', '/login']) {
        expect(await statusOf(path)).toBe(200);
        await eventually(async () => expect(await statusOf(path)).toBe(200));
      }
      expect([await statusOf('/wrong'), await statusOf('/wrong')]).toEqual([401, 429]);
    });
  }
});
