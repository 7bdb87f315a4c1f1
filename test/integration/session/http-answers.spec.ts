import { Controller, Get, Header, type INestApplication, Post } from '@nestjs/common';
import { CurrentSession, HttpSession, RedisCacheEvents, type SessionOptions, SessionService } from 'nestjs-redis-cache';
import { Browser } from './browser.js';
import { openWebApp, PLATFORMS } from './web-app.js';

@Controller('answers')
class AnswersController {
  constructor(private readonly sessions: SessionService) {}

  @Post('large')
  async large(@CurrentSession() session: HttpSession): Promise<boolean> {
    return session.set({ text: 'x'.repeat(1_000) });
  }

  @Post('revoked')
  async revoked(@CurrentSession() session: HttpSession): Promise<void> {
    const login = await session.beginLogin('ada');
    await this.sessions.destroyAll('ada');
    await session.login('ada', { login });
  }

  @Post('overtaken')
  async overtaken(@CurrentSession() session: HttpSession): Promise<void> {
    const { token } = await session.login('ada');
    await session.update(async () => {
      await this.sessions.set(token, { by: 'another request' });
      return { by: 'this one' };
    });
  }

  @Get('public')
  @Header('Cache-Control', 'public, max-age=60')
  async forEverybody(@CurrentSession() session: HttpSession): Promise<boolean> {
    return session.set({ seen: true });
  }

  @Get('private')
  @Header('Cache-Control', 'private, max-age=60')
  async forOne(@CurrentSession() session: HttpSession): Promise<boolean> {
    return session.set({ seen: true });
  }
}

describe.each(PLATFORMS)('answers of applications with sessions (%s)', (platform) => {
  const apps: INestApplication[] = [];
  afterEach(async () => {
    for (const app of apps.splice(0)) await app.close();
  });

  async function open(session: SessionOptions = {}): Promise<Browser> {
    const connection = { url: process.env.REDIS_URL! };
    const app = await openWebApp(platform, connection, session, { controllers: [AnswersController] });
    apps.push(app);
    return new Browser(app, await app.getUrl());
  }

  it.each([
    ['large', 413, 'SESSION_TOO_LARGE', 'This is too much to be kept.'],
    ['revoked', 401, 'LOGIN_REVOKED', 'This login was ended. Log in again.'],
    ['overtaken', 409, 'SESSION_CONFLICT', 'Another request was faster. Try again.'],
  ])('say with a status what became of %s: %i', async (path, statusCode, code, message) => {
    const browser = await open({ maxSize: 500 });
    const { status, body } = await browser.send('post', `/answers/${path}`);
    expect([status, body]).toEqual([statusCode, { statusCode, code, message }]);
  });

  it('say with a status that a user is logged in too often: 409', async () => {
    const browser = await open({ maxPerUser: 1, whenFull: 'reject' });
    await browser.send('post', '/login', { user: 'ada' });
    const { status, body, headers } = await browser.twin('').send('post', '/login', { user: 'ada' });
    const message = 'You are logged in too often. Log out on another device.';
    expect([status, body]).toEqual([409, { statusCode: 409, code: 'SESSION_LIMIT', message }]);
    expect(headers['set-cookie']).toBeUndefined();
  });

  it('are not kept by shared caches when they carry a cookie', async () => {
    const browser = await open();
    const [first, second] = [
      await browser.send('get', '/answers/public'),
      await browser.send('get', '/answers/public'),
    ];
    expect([first.headers['set-cookie']?.length, first.headers['cache-control']]).toEqual([1, 'no-store']);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.headers['cache-control']).toBe('public, max-age=60');
    const own = await browser.twin('').send('get', '/answers/private');
    expect([own.headers['set-cookie']?.length, own.headers['cache-control']]).toEqual([1, 'private, max-age=60']);
  });

  it('do not say that something is kept in a session whose token nobody would get', async () => {
    const browser = await open({ bearer: true, cookie: false });
    const created: unknown[] = [];
    browser.app.get(RedisCacheEvents).on('session:created', (event) => created.push(event));
    const ended = { authorization: `Bearer 00${'A'.repeat(43)}` };
    for (const headers of [{}, ended]) {
      expect((await browser.send('post', '/cart', { item: 'tea' }, headers)).body).toEqual({ cart: null });
      expect((await browser.send('post', '/twice', {}, headers)).body).toMatchObject({ written: [false, false] });
      expect((await browser.send('get', '/forms', undefined, headers)).status).toBe(401);
    }
    expect(created).toEqual([]);
  });
});
