import { Controller, Get, VERSION_NEUTRAL } from '@nestjs/common';
import { RateLimit } from 'nestjs-redis-cache';
import { parseList } from 'structured-headers';
import { eventually } from '../../support/eventually.js';
import { ClassController, FirstController, MODULE, waiting } from './limited-controllers.js';
import { PLATFORMS, start, type Started, type StartOptions } from './start.js';

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
    const last = await get('/first/limited');
    expect(last.status).toBe(200);
    const [, spent] = parseList(last.headers.get('RateLimit')!).find(([name]) => name === 'narrow')!;
    expect(spent.get('r')).toBe(0);
    expect(last.headers.get('Retry-After')).toBe(String(spent.get('t')));
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

  it('knows controllers of several versions, and of none', async () => {
    @Controller({ path: 'versioned', version: [VERSION_NEUTRAL, '2'] })
    @RateLimit({ name: 'versioned', limit: 1, window: '1m' })
    class VersionedController {
      @Get()
      get(): string {
        return 'versioned';
      }
    }
    const { get } = await open({ controllers: [VersionedController] });
    expect(await statuses(2, () => get('/versioned'))).toEqual([200, 429]);
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
});
