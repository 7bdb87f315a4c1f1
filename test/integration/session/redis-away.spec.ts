import type { INestApplication } from '@nestjs/common';
import { type ConnectionOptions, isRedisCacheError, RedisConnection, SessionService } from 'nestjs-redis-cache';
import type { SessionOptions } from 'nestjs-redis-cache';
import type { Response } from 'supertest';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import { Browser, type Method } from './browser.js';
import { openWebApp, PLATFORMS } from './web-app.js';

const UNAVAILABLE = {
  statusCode: 503,
  code: 'SESSION_UNAVAILABLE',
  message: 'Sessions are not available at the moment. Try again.',
};

/** Each with what it may need. */
const REQUESTS: readonly (readonly [Method, string])[] = [
  ['get', '/me'],
  ['get', '/guarded'],
  ['get', '/user'],
  ['get', '/cart'],
  ['post', '/cart'],
  ['post', '/twice'],
  ['post', '/login'],
  ['delete', '/session'],
  ['post', '/rotate'],
  ['patch', '/email'],
  ['get', '/forms'],
  ['post', '/forms'],
];

/** The same, but for what only reads: there it finds nobody. */
const AS_NOBODY: Readonly<Record<string, number>> = {
  'get /me': 401,
  'get /guarded': 401,
  'get /user': 401,
  'get /cart': 200,
  'patch /email': 401,
  'post /forms': 403,
};

const OF_THE_SERVICE: readonly (readonly [Method, string])[] = [
  ['get', `/service/00${'A'.repeat(43)}`],
  ['post', '/service/users/ada'],
  ['get', '/service/users/ada'],
  ['delete', '/service/users/ada'],
  ['delete', '/service/users'],
];

type Cut = (browser: Browser, proxy: FaultProxy) => Promise<void>;

const WAYS: readonly (readonly [string, Cut])[] = [
  [
    'away',
    async ({ app }, proxy) => {
      await proxy.stop();
      await expect(app.get(RedisConnection).ping()).rejects.toThrow();
    },
  ],
  ['silent', async (_, proxy) => proxy.misbehave('drop replies')],
];

describe.each(PLATFORMS)('sessions of HTTP requests (%s)', (platform) => {
  const closings: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closings.splice(0).reverse()) await close();
  });

  async function openCut(cut: Cut, session: SessionOptions): Promise<Browser> {
    const server = await launchServer({ quiet: true });
    closings.push(() => server.stop());
    const proxy = await startFaultProxy(server.port);
    const connection: ConnectionOptions = {
      host: '127.0.0.1',
      port: proxy.port,
      commandTimeout: 150,
      connectTimeout: 500,
    };
    const app: INestApplication = await openWebApp(platform, { ...connection, retry: { attempts: 1 } }, session);
    closings.push(
      () => app.close(),
      () => proxy.stop().catch(() => undefined),
    );
    const browser = new Browser(app, await app.getUrl());
    // On a busy machine the first logins may be slower than the timeout.
    await eventually(async () => {
      await browser.send('post', '/login', { user: 'ada' });
      expect(browser.cookie).not.toBe('');
    });
    await cut(browser, proxy);
    return browser;
  }

  const ask = (browser: Browser, [method, path]: readonly [Method, string]): Promise<Response> =>
    browser.send(method, path, { item: 'tea', user: 'bob' });

  describe.each(WAYS)('while Redis is %s', (_, cut) => {
    it('answer 503 and leave the cookie as it is', async () => {
      const browser = await openCut(cut, {});
      const before = browser.cookie;
      for (const wanted of REQUESTS) {
        const { status, body, headers } = await ask(browser, wanted);
        expect([...wanted, status, body, headers['set-cookie']]).toEqual([...wanted, 503, UNAVAILABLE, undefined]);
      }
      expect((await browser.send('get', '/untouched')).status).toBe(200);
      expect(browser.cookie).toBe(before);
    });

    it('see nobody with onUnavailable: anonymous, and write nothing', async () => {
      const browser = await openCut(cut, { onUnavailable: 'anonymous' });
      const before = browser.cookie;
      for (const wanted of REQUESTS) {
        const { status, headers } = await ask(browser, wanted);
        const expected = AS_NOBODY[wanted.join(' ')] ?? 503;
        expect([...wanted, status, headers['set-cookie']]).toEqual([...wanted, expected, undefined]);
      }
      expect((await browser.send('get', '/cart')).body).toEqual({ cart: [], userId: null });
      expect(browser.cookie).toBe(before);
    });

    it.each(['reject', 'anonymous'] as const)('answer 503 where the service itself is asked (%s)', async (choice) => {
      const browser = await openCut(cut, { onUnavailable: choice });
      for (const wanted of OF_THE_SERVICE) {
        const { status, body } = await ask(browser, wanted);
        expect([...wanted, status, body]).toEqual([...wanted, 503, UNAVAILABLE]);
      }
    });
  });

  it('tell in the error what happened to Redis', async () => {
    const [, [, silence]] = WAYS as [never, readonly [string, Cut]];
    const browser = await openCut(silence, {});
    const error: unknown = await browser.app
      .get(SessionService)
      .beginLogin('ada')
      .catch((thrown: unknown) => thrown);
    expect(isRedisCacheError(error, 'SESSION_UNAVAILABLE')).toBe(true);
    expect(error).toMatchObject({ status: 503, cause: { code: 'COMMAND_TIMEOUT', outcome: 'unknown' } });
  });
});
