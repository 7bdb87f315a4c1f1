import {
  Body,
  Controller,
  type ExecutionContext,
  Get,
  HttpCode,
  Post,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { loginPolicies, RateLimit, RateLimitGuard, SkipRateLimit } from 'nestjs-redis-cache';
import { parseList } from 'structured-headers';
import { eventually } from '../../support/eventually.js';
import { PLATFORMS, start, type Started, type StartOptions } from './start.js';

const MODULE = { policies: [{ limit: 100, window: '15m' }] } as const;

/** What hangs until the test lets it go. */
const waiting: (() => void)[] = [];

@Controller('first')
class FirstController {
  @Get('plain')
  plain(): string {
    return 'plain';
  }

  @Get('limited')
  @RateLimit({ name: 'narrow', limit: 2, window: '1m' })
  limited(): string {
    return 'limited';
  }

  @Get('other')
  @RateLimit({ name: 'narrow', limit: 2, window: '1m' })
  other(): string {
    return 'other';
  }

  @Get('twice')
  @UseGuards(RateLimitGuard)
  @RateLimit({ name: 'twice', limit: 2, window: '1m' })
  twice(): string {
    return 'twice';
  }

  @Get('raised')
  @RateLimit({ limit: 1 })
  raised(): string {
    return 'raised';
  }

  @Get('free')
  @SkipRateLimit()
  free(): string {
    return 'free';
  }

  @Get('by-plan')
  @RateLimit({
    name: 'plan',
    limit: async (context) => (headerOf(context, 'x-plan') === 'pro' ? 3 : 1),
    window: () => '1m',
  })
  byPlan(): string {
    return 'by plan';
  }

  @Get('costly')
  @RateLimit({ name: 'costly', limit: 5, window: '1m', cost: (context) => Number(headerOf(context, 'x-cost')) })
  costly(): string {
    return 'costly';
  }

  @Get('skippable')
  @RateLimit({ name: 'skippable', limit: 1, window: '1m', skip: (context) => headerOf(context, 'x-skip') === 'yes' })
  skippable(): string {
    return 'skippable';
  }

  @Get('slot')
  @RateLimit({ name: 'slot', limit: 1, window: '1s', algorithm: 'concurrency' })
  async slot(): Promise<string> {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return 'slot';
  }

  @Post('login')
  @HttpCode(200)
  @RateLimit(...loginPolicies({ perPair: 2, perAccount: 3 }))
  login(@Body() { password }: { password: string }): string {
    if (password !== 'right') throw new UnauthorizedException();
    return 'welcome';
  }
}

@Controller('class')
@RateLimit({ name: 'class', limit: 3, window: '1m' }, { name: 'second', limit: 50, window: '1m' })
class ClassController {
  @Get('one')
  one(): string {
    return 'one';
  }

  @Get('two')
  @RateLimit({ name: 'second', limit: 1 })
  two(): string {
    return 'two';
  }

  @Get('three')
  @SkipRateLimit('class')
  three(): string {
    return 'three';
  }
}

function namedTwin(path: string): new () => object {
  @Controller(path)
  class TwinController {
    @Get()
    @RateLimit({ name: 'twin', limit: 1, window: '1m' })
    get(): string {
      return 'twin';
    }
  }
  return TwinController;
}

function headerOf(context: ExecutionContext, name: string): string | undefined {
  return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers[name];
}

describe.each(PLATFORMS)('RateLimitGuard (%s)', (platform) => {
  const apps: Started[] = [];

  const open = async (options: Omit<StartOptions, 'platform' | 'controllers'> & Partial<StartOptions> = {}) => {
    const controllers = [FirstController, ClassController];
    const rateLimit = { ...MODULE, ...options.rateLimit };
    const started = await start({ platform, controllers, ...options, rateLimit });
    apps.push(started);
    return started;
  };

  afterEach(async () => {
    for (const release of waiting.splice(0)) release();
    for (const { app } of apps.splice(0)) await app.close();
  });

  const statuses = async (times: number, request: () => Promise<Response>): Promise<number[]> => {
    const all: number[] = [];
    for (let time = 0; time < times; time += 1) all.push((await request()).status);
    return all;
  };

  it('limits decorated routes, each by itself, and answers 429 as problem+json', async () => {
    const { get } = await open();
    expect(await statuses(3, () => get('/first/limited'))).toEqual([200, 200, 429]);
    expect(await statuses(5, () => get('/first/plain'))).toEqual([200, 200, 200, 200, 200]);
    expect((await get('/first/other')).status).toBe(200);
    const refused = await get('/first/limited');
    expect(refused.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(await refused.json()).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['narrow'],
    });
  });

  it('tells limits in headers of the IETF draft, on 200 and on 429', async () => {
    const { get } = await open({ rateLimit: MODULE });
    const first = await get('/first/limited');
    const policies = parseList(first.headers.get('RateLimit-Policy')!);
    expect(policies.map(([name, parameters]) => [name, Object.fromEntries(parameters)])).toEqual([
      ['default', { q: 100, w: 900 }],
      ['narrow', { q: 2, w: 60 }],
    ]);
    const left = parseList(first.headers.get('RateLimit')!);
    expect(left.map(([name, parameters]) => [name, parameters.get('r')])).toEqual([
      ['default', 99],
      ['narrow', 1],
    ]);
    expect(left.map(([, parameters]) => parameters.get('t'))).toEqual([900, 60]);
    expect(first.headers.get('Retry-After')).toBeNull();
    await get('/first/limited');
    for (const refused of [await get('/first/limited'), await get('/first/limited')]) {
      expect(refused.status).toBe(429);
      const narrow = parseList(refused.headers.get('RateLimit')!).find(([name]) => name === 'narrow')!;
      expect(narrow[1].get('r')).toBe(0);
      const retryAfter = Number(refused.headers.get('Retry-After'));
      expect(Number.isInteger(retryAfter)).toBe(true);
      expect(retryAfter).toBeGreaterThanOrEqual(narrow[1].get('t') as number);
      expect(retryAfter).toBeLessThanOrEqual(60);
      expect(parseList(refused.headers.get('RateLimit-Policy')!)).toHaveLength(2);
      expect([...refused.headers.keys()].filter((name) => /^(x-ratelimit|retry-after-)/.test(name))).toEqual([]);
    }
  });

  it('sends the old headers on request', async () => {
    const { get } = await open({ rateLimit: { legacyHeaders: true } });
    const { headers } = await get('/first/limited');
    expect(headers.get('X-RateLimit-Limit')).toBe('2');
    expect(headers.get('X-RateLimit-Remaining')).toBe('1');
    expect(headers.get('X-RateLimit-Reset')).toBe('60');
  });

  it('counts a request once that passes a global guard and one of its route', async () => {
    const { get } = await open();
    expect(await statuses(3, () => get('/first/twice'))).toEqual([200, 200, 429]);
  });

  it('stands per route without a global guard', async () => {
    const { get } = await open({ guard: 'none', rateLimit: MODULE });
    expect(await statuses(3, () => get('/first/twice'))).toEqual([200, 200, 429]);
    expect((await get('/first/plain')).headers.get('RateLimit')).toBeNull();
  });

  it('merges policies of module, class and method by name, and skips them by name', async () => {
    const { get } = await open({ rateLimit: MODULE });
    const namesAt = async (path: string) =>
      parseList((await get(path)).headers.get('RateLimit-Policy') ?? '').map(([name, parameters]) => [
        name,
        parameters.get('q'),
      ]);
    expect(await namesAt('/first/raised')).toEqual([['default', 1]]);
    expect(await namesAt('/first/free')).toEqual([]);
    expect(await namesAt('/class/one')).toEqual([
      ['default', 100],
      ['class', 3],
      ['second', 50],
    ]);
    expect(await namesAt('/class/two')).toEqual([
      ['default', 100],
      ['class', 3],
      ['second', 1],
    ]);
    expect(await namesAt('/class/three')).toEqual([
      ['default', 100],
      ['second', 50],
    ]);
    // The routes of a class share the policies of the class.
    expect((await get('/class/one')).status).toBe(200);
    expect((await get('/class/one')).status).toBe(429);
  });

  it('does not mix up controllers of the same name', async () => {
    const { get } = await open({ controllers: [namedTwin('a'), namedTwin('b')] });
    expect(await statuses(2, () => get('/a'))).toEqual([200, 429]);
    expect(await statuses(2, () => get('/b'))).toEqual([200, 429]);
  });

  it('takes limit, window, cost and skip from the request', async () => {
    const { get } = await open();
    expect(await statuses(2, () => get('/first/by-plan'))).toEqual([200, 429]);
    expect(await statuses(3, () => get('/first/by-plan', { 'x-plan': 'pro' }))).toEqual([200, 200, 429]);
    expect(await statuses(3, () => get('/first/costly', { 'x-cost': '2' }))).toEqual([200, 200, 429]);
    expect((await get('/first/costly', { 'x-cost': '1' })).status).toBe(200);
    expect(await statuses(3, () => get('/first/skippable', { 'x-skip': 'yes' }))).toEqual([200, 200, 200]);
    expect(await statuses(2, () => get('/first/skippable'))).toEqual([200, 429]);
  });

  it('keeps a slot as long as a request takes, and frees it when the answer is given or the caller has gone', async () => {
    const { get, url } = await open();
    const first = get('/first/slot');
    await eventually(() => expect(waiting).toHaveLength(1));
    const refusedUntil = performance.now() + 2_500; // longer than a dead process would keep it
    while (performance.now() < refusedUntil) expect((await get('/first/slot')).status).toBe(429);
    waiting.pop()!();
    expect((await first).status).toBe(200);

    const gone = new AbortController();
    const aborted = fetch(`${url}/first/slot`, { signal: gone.signal }).catch((error: unknown) => error);
    await eventually(() => expect(waiting).toHaveLength(1));
    gone.abort();
    await aborted;
    const answers: Promise<Response>[] = [];
    await eventually(async () => {
      answers.push(get('/first/slot'));
      await Promise.race([answers.at(-1), eventually(() => expect(waiting).toHaveLength(2))]);
      expect(waiting).toHaveLength(2);
    });
    waiting.splice(0).forEach((release) => release());
    expect((await answers.at(-1)!).status).toBe(200);
  });

  it('login counts failures only: who knows the password is let in, who guesses is not', async () => {
    const { post } = await open();
    const login = (email: string, password: string) => post('/first/login', { email, password });
    expect(await statuses(5, () => login('ann@example.org', 'right'))).toEqual([200, 200, 200, 200, 200]);
    await login('bob@example.org', 'wrong');
    await login(' BOB@example.org ', 'wrong');
    const refused = await login('bob@example.org', 'right');
    expect(refused.status).toBe(429);
    expect(await refused.json()).toMatchObject({ 'violated-policies': ['login-pair'] });
    expect((await login('ann@example.org', 'right')).status).toBe(200);
  });

  describe('whom it counts for', () => {
    const from = (address: string) => ({ 'x-forwarded-for': address });

    it('is the address of the proxy when none is trusted, and says so', async () => {
      const { get, logger } = await open();
      expect(await statuses(2, () => get('/first/limited', from('10.0.0.1')))).toEqual([200, 200]);
      expect((await get('/first/limited', from('10.0.0.2'))).status).toBe(429);
      expect(logger.containing('no proxy is trusted')).toHaveLength(1);
    });

    it('is what the trusted proxy has seen, not what the caller has written', async () => {
      const { get, logger } = await open({ proxies: 1 });
      expect(await statuses(3, () => get('/first/limited', from(`${Math.random()}, 10.0.0.1`)))).toEqual([
        200, 200, 429,
      ]);
      expect((await get('/first/limited', from('10.0.0.2'))).status).toBe(200);
      expect(logger.containing('no proxy is trusted')).toEqual([]);
    });

    it('is the /64 of IPv6, and IPv4 also when it is mapped', async () => {
      const { get } = await open({ proxies: 1 });
      expect((await get('/first/limited', from('2001:db8:1:2::1'))).status).toBe(200);
      expect((await get('/first/limited', from('2001:db8:1:2:ffff::9'))).status).toBe(200);
      expect((await get('/first/limited', from('2001:db8:1:2:3::'))).status).toBe(429);
      expect((await get('/first/limited', from('2001:db8:1:3::1'))).status).toBe(200);
      expect((await get('/first/limited', from('::ffff:10.1.1.1'))).status).toBe(200);
      expect((await get('/first/limited', from('10.1.1.1'))).status).toBe(200);
      expect((await get('/first/limited', from('10.1.1.1'))).status).toBe(429);
      expect((await get('/first/limited', from('::ffff:10.1.1.2'))).status).toBe(200);
    });
  });
});

describe('the boot', () => {
  const boot = (controller: new () => object, options: Partial<StartOptions> = {}) =>
    start({ platform: 'express', controllers: [controller], ...options });

  it('refuses a policy that is not complete, and one to skip that is not there', async () => {
    @Controller()
    class Incomplete {
      @Get()
      @RateLimit({ name: 'unknown', limit: 5 })
      get(): void {}
    }
    @Controller()
    class SkipsNothing {
      @Get()
      @SkipRateLimit('unknown')
      get(): void {}
    }
    await expect(boot(Incomplete)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      option: '@RateLimit of Incomplete.get(unknown).window',
    });
    await expect(boot(SkipsNothing, { rateLimit: MODULE })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('It has: "default"'),
    });
  });

  it('refuses an option that does not exist where the decorator stands', () => {
    expect(() => RateLimit({ name: 'x', limit: 1, window: '1m', max: 5 } as never)).toThrow('@RateLimit(x).max');
    expect(() => RateLimit({ limit: 1, window: '1m', key: 'cookie' as never })).toThrow('@RateLimit(default).key');
  });
});

describe('a user who is not known yet', () => {
  @Controller()
  class ByUser {
    @Get()
    @RateLimit({ name: 'by-user', limit: 1, window: '1m', key: 'user' })
    get(): string {
      return 'known';
    }
  }

  it('is counted by address, which is said once; identify tells who it is', async () => {
    const anonymous = await start({ platform: 'express', controllers: [ByUser] });
    const identify = (context: ExecutionContext) => headerOf(context, 'x-user');
    try {
      expect((await anonymous.get('/', { 'x-user': 'ann' })).status).toBe(200);
      expect((await anonymous.get('/', { 'x-user': 'bob' })).status).toBe(429);
      expect(anonymous.logger.containing('counts by user')).toHaveLength(1);
    } finally {
      await anonymous.app.close();
    }
    const identified = await start({ platform: 'express', controllers: [ByUser], rateLimit: { identify } });
    try {
      expect((await identified.get('/', { 'x-user': 'ann' })).status).toBe(200);
      expect((await identified.get('/', { 'x-user': 'bob' })).status).toBe(200);
      expect((await identified.get('/', { 'x-user': 'ann' })).status).toBe(429);
      expect(identified.logger.containing('counts by user')).toEqual([]);
    } finally {
      await identified.app.close();
    }
  });
});
