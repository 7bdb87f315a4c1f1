import { Controller, type ExecutionContext, Get } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { RateLimit, RateLimitGuard, SkipRateLimit } from '../rate-limit/index.js';
import { FakeRateLimitService } from './fake-rate-limit.service.js';
import { provideFakeRateLimits } from './provide-fake-rate-limits.js';
import { provideFakeRedisCache } from './provide-fake-redis-cache.js';

@Controller()
class LimitedController {
  @Get()
  @RateLimit({ name: 'get', limit: 1, window: '1m' })
  get(): string {
    return 'fine';
  }
}

@Controller('open')
class OpenController {
  @Get()
  get(): string {
    return 'open';
  }
}

@Controller()
class SkipsNothing {
  @Get()
  @SkipRateLimit('unknown')
  get(): void {}
}

describe('FakeRateLimitService', () => {
  it('counts, and lets in again when time has gone by', async () => {
    const limits = FakeRateLimitService.create();
    const charge = { policy: { name: 'tried', limit: 2, window: '1m' }, subject: 's' } as const;
    const decisions = [await limits.consume(charge), await limits.consume(charge), await limits.consume(charge)];
    expect(decisions.map(({ isAllowed }) => isAllowed)).toEqual([true, true, false]);
    expect(decisions.at(-1)).toMatchObject({ retryAfterMs: 60_000, violated: ['tried'] });
    limits.advance('59s');
    expect((await limits.consume(charge)).isAllowed).toBe(false);
    limits.advance('1s');
    expect((await limits.consume(charge)).isAllowed).toBe(true);
  });

  it('takes back, forgets and refuses as the service does', async () => {
    const limits = FakeRateLimitService.create();
    const charge = { policy: { name: 'tried', limit: 1, window: '1m' }, subject: 's' } as const;
    await limits.refund(await limits.consume(charge));
    expect((await limits.consume(charge)).isAllowed).toBe(true);
    await limits.reset(charge);
    expect((await limits.peek(charge)).limits).toMatchObject([{ remaining: 1 }]);
    await expect(limits.consume({ ...charge, policy: { ...charge.policy, limit: -1 } })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
  });

  it('has the options of the module: their policies hold for all routes, and wrong ones are refused', async () => {
    const identify = (context: ExecutionContext) => context.switchToHttp().getRequest().headers['x-user'];
    const policies = [{ name: 'all', limit: 2, window: '1m', key: 'user' }] as const;
    const limits = provideFakeRateLimits({ policies, identify, legacyHeaders: true });
    const module = await Test.createTestingModule({
      controllers: [LimitedController, OpenController],
      providers: [...provideFakeRedisCache(), ...limits, { provide: APP_GUARD, useClass: RateLimitGuard }],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/open`;
    const ask = (user: string): Promise<Response> => fetch(url, { headers: { 'x-user': user } });
    const answers = [await ask('ann'), await ask('ann'), await ask('ann'), await ask('bob')];
    await app.close();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429, 200]);
    expect(answers[0]!.headers.get('X-RateLimit-Remaining')).toBe('1');
    expect(() => provideFakeRateLimits({ policies: [{ limit: 1 }] })).toThrow('rateLimit.policies(default).window');
    expect(() => FakeRateLimitService.create({ timeout: '-1s' as never })).toThrow('rateLimit.timeout');
  });

  it('stops the boot where the module would', async () => {
    const module = await Test.createTestingModule({
      controllers: [SkipsNothing],
      providers: provideFakeRedisCache(),
    }).compile();
    await expect(module.init()).rejects.toMatchObject({ code: 'INVALID_OPTION', option: '@SkipRateLimit' });
  });

  it('is what the guard asks, beside the other fakes', async () => {
    const module = await Test.createTestingModule({
      controllers: [LimitedController],
      providers: [...provideFakeRedisCache(), { provide: APP_GUARD, useClass: RateLimitGuard }],
    }).compile();
    const app = module.createNestApplication({ logger: false });
    await app.listen(0, '127.0.0.1');
    const url = await app.getUrl();
    const status = async (): Promise<number> => (await fetch(url)).status;
    expect([await status(), await status()]).toEqual([200, 429]);
    module.get(FakeRateLimitService).advance('1m');
    expect(await status()).toBe(200);
    await app.close();
  });
});
