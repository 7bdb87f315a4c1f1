import type { INestApplication } from '@nestjs/common';
import { SessionService, type SessionOptions } from 'nestjs-redis-cache';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { callsOf } from '../../support/server-statistics.js';
import { Browser } from './browser.js';
import { openWebApp, PLATFORMS } from './web-app.js';

describe.each(PLATFORMS)('sessions of HTTP requests (%s)', (platform) => {
  const apps: INestApplication[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  async function open(session: SessionOptions = {}, url = process.env.REDIS_URL!): Promise<Browser> {
    const app = await openWebApp(platform, { url, retry: { attempts: 1 } }, session);
    apps.push(app);
    return new Browser(app, await app.getUrl());
  }

  it('give a cookie that only this host gets, over TLS, out of reach of scripts', async () => {
    const browser = await open();
    const answer = await browser.send('post', '/cart', { item: 'tea' });
    expect(answer.body).toEqual({ cart: ['tea'] });
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-sid=[\w-]{45}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    const next = await browser.send('post', '/cart', { item: 'cup' });
    expect(next.body).toEqual({ cart: ['tea', 'cup'] });
    expect(next.headers['set-cookie']).toBeUndefined();
  });

  it('need no command and no cookie when nobody touches them', async () => {
    const server = await launchServer({ quiet: true });
    const browser = await open({}, server.url);
    browser.cookie = `__Host-sid=00${'A'.repeat(43)}`;
    const answer = await browser.send('get', '/untouched');
    expect(answer.body).toEqual({ isThere: true });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await callsOf(server.url, 'hmget')).toBe(0); // every script of sessions begins with one
    await browser.send('get', '/cart');
    expect(await callsOf(server.url, 'hmget')).toBeGreaterThan(0);
    await apps.pop()!.close();
    await server.stop();
  });

  it('go on under a new cookie after the login, with what was in the cart', async () => {
    const browser = await open();
    await browser.send('post', '/cart', { item: 'tea' });
    const planted = browser.cookie;
    for (const path of ['/me', '/guarded', '/user'])
      expect([path, (await browser.send('get', path)).status]).toEqual([path, 401]);
    await browser.send('post', '/login', { user: 'ada' });
    expect(browser.cookie).not.toBe(planted);
    expect((await browser.send('get', '/me')).body).toEqual({ userId: 'ada', same: 'ada' });
    expect((await browser.send('get', '/guarded')).body).toEqual({ isIn: true });
    expect((await browser.send('get', '/cart')).body).toEqual({ cart: ['tea'], userId: 'ada' });

    const attacker = browser.twin(planted);
    const seen = await attacker.send('get', '/cart');
    expect(seen.body).toEqual({ cart: ['tea'], userId: null });
    expect(seen.headers['set-cookie']).toBeUndefined();
    expect((await attacker.send('post', '/cart', { item: 'bomb' })).body).toEqual({ cart: null });
  });

  it('end with the cookie at the logout (ASVS 7.4.1)', async () => {
    const browser = await open();
    await browser.send('post', '/login', { user: 'ada' });
    const stolen = browser.twin(browser.cookie);
    const answer = await browser.send('delete', '/session');
    expect(answer.body).toEqual({ ended: true });
    expect(answer.headers['set-cookie']).toEqual(['__Host-sid=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax']);
    expect((await stolen.send('get', '/me')).status).toBe(401);
  });

  it('know the device', async () => {
    const browser = await open();
    await browser.send('post', '/login', { user: 'eve' });
    const [session] = await browser.app.get(SessionService).list('eve');
    expect(session!.device).toEqual({ ip: expect.stringContaining('127.0.0.1'), userAgent: 'a test' });
  });

  it('are not logged out by requests in parallel that rotate', async () => {
    const browser = await open();
    await browser.send('post', '/login', { user: 'ada' });
    const twins = Array.from({ length: 6 }, () => browser.twin(browser.cookie));
    const answers = await Promise.all(twins.map((twin) => twin.send('post', '/rotate')));
    expect(answers.map(({ body }) => body.user)).toEqual(Array(6).fill('ada'));
    expect(answers.filter(({ body }) => body.rotated === 'rotated')).toHaveLength(1);
    const cookies = answers.flatMap(({ headers }) => (headers['set-cookie'] as unknown as string[]) ?? []);
    expect(cookies).toHaveLength(1);
    expect((await browser.twin(cookies[0]!.split(';')[0]!).send('get', '/me')).status).toBe(200);
  });

  it('make one session and not two when a request first writes twice at a time', async () => {
    const browser = await open();
    const answer = await browser.send('post', '/twice');
    expect(answer.body).toEqual({ written: [true, true], data: { cart: ['tea'], visits: 1 } });
    expect(answer.headers['set-cookie']).toHaveLength(1);
    expect((await browser.send('get', '/cart')).body).toMatchObject({ cart: ['tea'] });
  });

  it('ask for the password once more where a login must be fresh (ASVS 7.5.1)', async () => {
    const browser = await open();
    expect((await browser.send('patch', '/email')).status).toBe(401);
    await browser.send('post', '/login', { user: 'ada' });
    expect((await browser.send('patch', '/email')).body).toEqual({ changed: true });
    await eventually(async () => {
      const { status, body } = await browser.send('patch', '/password');
      expect([status, body.code]).toEqual([401, 'FRESH_LOGIN_REQUIRED']);
    });
  });

  it('refuse a login whose cookie could not be sent', async () => {
    const browser = await open();
    expect((await browser.send('post', '/too-late')).text).toBe('RESPONSE_SENT');
    expect(await browser.app.get(SessionService).count('late')).toBe(0);
  });

  describe('against forged requests', () => {
    it('require a token of the session, in a header or a field', async () => {
      const browser = await open();
      expect((await browser.send('post', '/forms')).status).toBe(403);
      const { csrf } = (await browser.send('get', '/forms')).body as { csrf: string };
      expect((await browser.send('post', '/forms')).status).toBe(403);
      expect((await browser.send('post', '/forms', { _csrf: csrf })).status).toBe(200);
      expect((await browser.send('post', '/forms', {}, { 'x-csrf-token': csrf })).status).toBe(200);
      const forged = `${csrf.startsWith('A') ? 'B' : 'A'}${csrf.slice(1)}`;
      expect((await browser.send('post', '/forms', {}, { 'x-csrf-token': forged })).status).toBe(403);
      expect((await browser.send('post', '/forms', { _csrf: [csrf] })).status).toBe(403);
      expect((await browser.send('post', '/forms/webhook')).status).toBe(200);

      const other = browser.twin('');
      await other.send('get', '/forms');
      expect((await other.send('post', '/forms', { _csrf: csrf })).status).toBe(403);

      await browser.send('post', '/rotate');
      expect((await browser.send('post', '/forms', { _csrf: csrf })).status).toBe(200);
      await browser.send('post', '/login', { user: 'ada' });
      expect((await browser.send('post', '/forms', { _csrf: csrf })).status).toBe(403);
    });

    it('let a bearer token pass, which no browser sends by itself', async () => {
      const browser = await open({ bearer: true });
      const { token } = (await browser.send('post', '/login', { user: 'ada' })).body as { token: string };
      const api = browser.twin('');
      const authorization = `Bearer ${token}`;
      expect((await api.send('post', '/forms', {}, { authorization })).status).toBe(200);
      expect((await api.send('post', '/forms', {}, { authorization: 'Bearer x' })).status).toBe(200);
    });
  });

  it('accept a bearer token and answer with no cookie', async () => {
    const browser = await open({ bearer: true, cookie: false });
    const { token } = (await browser.send('post', '/login', { user: 'ada' })).body as { token: string };
    expect(browser.cookie).toBe('');
    const authorization = `Bearer ${token}`;
    expect((await browser.send('get', '/me', undefined, { authorization })).body).toMatchObject({ userId: 'ada' });
    const again = await browser.send('post', '/login', { user: 'ada' }, { authorization });
    expect(again.headers['set-cookie']).toBeUndefined();
    expect((await browser.send('get', '/me')).status).toBe(401);
  });

  it('ignore a bearer token unless they are told to accept it', async () => {
    const browser = await open();
    const { token } = (await browser.send('post', '/login', { user: 'ada' })).body as { token: string };
    const stranger = browser.twin('');
    expect((await stranger.send('get', '/me', undefined, { authorization: `Bearer ${token}` })).status).toBe(401);
  });

  it('have a plain cookie on localhost with secure: auto, and only there', async () => {
    const browser = await open({ cookie: { secure: 'auto', sameSite: 'strict', maxAge: '7d' } });
    await browser.send('post', '/cart', { item: 'tea' }, { host: 'localhost:3000' });
    expect(browser.setCookie).toMatch(/^sid=[\w-]{45}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/);
    const elsewhere = browser.twin('');
    await elsewhere.send('post', '/cart', { item: 'tea' }, { host: 'shop.example' });
    expect(elsewhere.setCookie).toMatch(/^__Host-sid=.*; Secure/);
  });
});
