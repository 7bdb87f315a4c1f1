import { jest } from '@jest/globals';
import { Controller, type ExecutionContext, Get } from '@nestjs/common';
import { RateLimit, SessionService, SkipRateLimit } from 'nestjs-redis-cache';
import { FirstController, headerOf, MODULE } from './limited-controllers.js';
import { PLATFORMS, start, type Started, type StartOptions } from './start.js';

describe.each(PLATFORMS)('whom a limit counts for (%s)', (platform) => {
  const apps: Started[] = [];

  const open = async (proxies: number) => {
    const started = await start({ platform, controllers: [FirstController], rateLimit: MODULE, proxies });
    apps.push(started);
    return started;
  };

  afterEach(async () => {
    for (const { app } of apps.splice(0)) await app.close();
  });

  const statuses = async (times: number, request: () => Promise<Response>): Promise<number[]> => {
    const all: number[] = [];
    for (let time = 0; time < times; time += 1) all.push((await request()).status);
    return all;
  };

  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('is the address of the proxy when none is trusted, and says so', async () => {
    const { get, logger } = await open(0);
    expect(await statuses(2, () => get('/first/limited', from('10.0.0.1')))).toEqual([200, 200]);
    expect((await get('/first/limited', from('10.0.0.2'))).status).toBe(429);
    expect(logger.containing('no proxy is trusted')).toHaveLength(1);
  });

  it('is what the trusted proxy has seen, not what the caller has written', async () => {
    const { get, logger } = await open(1);
    expect(await statuses(3, () => get('/first/limited', from(`${Math.random()}, 10.0.0.1`)))).toEqual([200, 200, 429]);
    expect((await get('/first/limited', from('10.0.0.2'))).status).toBe(200);
    expect(logger.containing('no proxy is trusted')).toEqual([]);
  });

  it('is the /64 of IPv6, and IPv4 also when it is mapped', async () => {
    const { get } = await open(1);
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

describe.each(PLATFORMS)('a caller with a session of this module (%s)', (platform) => {
  @Controller()
  class Counted {
    @Get('user')
    @RateLimit({ name: 'by-user', limit: 1, window: '1m', key: 'user' })
    user(): string {
      return 'by user';
    }

    @Get('session')
    @RateLimit({ name: 'by-session', limit: 1, window: '1m', key: 'session' })
    session(): string {
      return 'by session';
    }
  }

  let started: Started;
  let sessions: SessionService;
  const as = async (userId?: string) => {
    const { token } = await sessions.create(userId === undefined ? {} : { userId });
    return { authorization: `Bearer ${token}` };
  };
  const statusOf = async (path: string, headers = {}) => (await started.get(path, headers)).status;

  beforeEach(async () => {
    const session = { bearer: true } as const;
    started = await start({ platform, controllers: [Counted], session, rateLimit: { timeout: '1s' } });
    sessions = started.app.get(SessionService);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await started.app.close();
  });

  it('is the user who is logged in, in whichever session', async () => {
    expect(await statusOf('/user', await as('ada'))).toBe(200);
    expect(await statusOf('/user', await as('ada'))).toBe(429);
    expect(await statusOf('/user', await as('bob'))).toBe(200);
  });

  it('is the session, before and after a login', async () => {
    const [visitor, desk, phone] = [await as(), await as('ada'), await as('ada')];
    for (const each of [visitor, desk, phone]) expect(await statusOf('/session', each)).toBe(200);
    for (const each of [visitor, desk, phone]) expect(await statusOf('/session', each)).toBe(429);
  });

  it('is the address for who has none, without a warning, and while sessions are not to be had', async () => {
    expect(await statusOf('/user', await as())).toBe(200);
    expect(await statusOf('/user')).toBe(429);
    const ada = await as('ada');
    const asked = jest.spyOn(sessions, 'get').mockImplementation(() => new Promise(() => undefined));
    expect(await statusOf('/user', ada)).toBe(429);
    expect(await statusOf('/session', ada)).toBe(200);
    expect(await statusOf('/session', await as('bob'))).toBe(429);
    expect(asked).toHaveBeenCalledTimes(3);
    expect(started.logger.containing('counts by')).toEqual([]);
  });
});
