import { Controller, Delete, Get, HttpCode, type INestApplication, Param, Post } from '@nestjs/common';
import { CurrentSession, HttpSession, SessionService } from 'nestjs-redis-cache';
import { ownServer, type OwnServers } from '../../support/own-servers.js';
import { callsOf } from '../../support/server-statistics.js';
import { Browser } from './browser.js';
import { OpenSessions } from './open-sessions.js';
import { openWebApp, PLATFORMS } from './web-app.js';

/** Requests that have read their session and stand still, until they are let go. */
class Crossing {
  private readonly waiting = new Map<string, () => void>();
  private arrived: (() => void) | undefined;

  async stand(name: string): Promise<void> {
    await new Promise<void>((resolve) => {
      this.waiting.set(name, resolve);
      this.arrived?.();
    });
  }

  async until(...names: readonly string[]): Promise<void> {
    while (!names.every((name) => this.waiting.has(name)))
      await new Promise<void>((resolve) => (this.arrived = resolve));
  }

  letGo(name: string): void {
    this.waiting.get(name)!();
    this.waiting.delete(name);
  }
}

let crossing: Crossing;

@Controller('slow')
class SlowController {
  @Post(':field')
  @HttpCode(200)
  async write(@CurrentSession() session: HttpSession, @Param('field') field: string): Promise<object> {
    await session.read();
    await crossing.stand(field);
    return { isWritten: await session.set({ [field]: field }) };
  }

  @Get(':name')
  async read(@CurrentSession() session: HttpSession, @Param('name') name: string): Promise<object> {
    await session.read();
    await crossing.stand(name);
    return { data: (await session.read())?.data };
  }

  @Delete(':name')
  @HttpCode(200)
  async logout(@CurrentSession() session: HttpSession, @Param('name') name: string): Promise<object> {
    await session.read();
    await crossing.stand(name);
    return { isEnded: await session.logout() };
  }
}

describe.each(PLATFORMS)('requests that overlap (%s)', (platform) => {
  let app: INestApplication;
  let browser: Browser;

  beforeAll(async () => {
    app = await openWebApp(platform, { url: process.env.REDIS_URL! }, {}, { controllers: [SlowController] });
  });
  beforeEach(async () => {
    crossing = new Crossing();
    browser = new Browser(app, await app.getUrl());
    await browser.send('post', '/login', { user: 'ada' });
  });
  afterAll(() => app.close());

  const data = async (): Promise<object | undefined> => {
    const [, token] = browser.cookie.split('=');
    return (await app.get(SessionService).get(token!))?.data;
  };

  it('do not bring back a session that one of them has ended (connect-redis#328, connect-mongo#471)', async () => {
    const stolen = browser.twin(browser.cookie);
    const slow = browser.twin(browser.cookie).send('post', '/slow/a');
    await crossing.until('a');
    expect((await browser.send('delete', '/session')).body).toEqual({ ended: true });
    crossing.letGo('a');
    const answer = await slow;
    expect(answer.body).toEqual({ isWritten: false });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await stolen.send('get', '/me')).status).toBe(401);
  });

  it('keep what each of them has written (connect-redis#75, fastify-session#237)', async () => {
    const slow = ['a', 'b'].map((field) => browser.twin(browser.cookie).send('post', `/slow/${field}`));
    await crossing.until('a', 'b');
    crossing.letGo('b');
    await slow[1];
    crossing.letGo('a');
    expect((await slow[0]!).body).toEqual({ isWritten: true });
    expect(await data()).toEqual({ a: 'a', b: 'b' });
  });

  it('find nobody from the moment on at which an administrator has ended their session (ASVS 7.2.1, 7.4.1)', async () => {
    expect((await browser.send('get', '/me')).status).toBe(200);
    await app.get(SessionService).destroyAll('ada');
    expect((await browser.send('get', '/me')).status).toBe(401);
  });

  it('undo nothing when they have only read (rolling saves)', async () => {
    const reading = browser.twin(browser.cookie).send('get', '/slow/reader');
    await crossing.until('reader');
    await browser.send('post', '/cart', { item: 'tea' });
    crossing.letGo('reader');
    expect((await reading).body).toEqual({ data: {} });
    expect(await data()).toEqual({ cart: ['tea'] });
  });

  it('are not logged out by one that rotates meanwhile (express-session#923)', async () => {
    const slow = browser.twin(browser.cookie).send('post', '/slow/a');
    await crossing.until('a');
    expect((await browser.send('post', '/rotate')).body).toEqual({ rotated: 'rotated', user: 'ada' });
    crossing.letGo('a');
    expect((await slow).body).toEqual({ isWritten: true });
    expect(await data()).toEqual({ a: 'a' });
  });

  it('end the session under its new token too when the old one logs out', async () => {
    const slow = browser.twin(browser.cookie).send('delete', '/slow/leaving');
    await crossing.until('leaving');
    await browser.send('post', '/rotate');
    crossing.letGo('leaving');
    expect((await slow).body).toEqual({ isEnded: true });
    expect((await browser.send('get', '/me')).status).toBe(401);
  });
});

describe('sessions on a server of their own', () => {
  let servers: OwnServers;
  let open: OpenSessions;

  beforeEach(async () => {
    servers = await ownServer();
    open = await OpenSessions.on(servers.connection, { touchInterval: 0 });
  });
  afterEach(async () => {
    await open.close();
    await servers.stop();
  });

  it('leave of an ended one nothing but that it has ended, whatever comes late (spring-session#2021)', async () => {
    const { token, session } = await open.service.create({ userId: 'ada', data: { visits: 1 } });
    await open.service.destroy(token);
    const [tombstone] = (await open.keys()).filter((key) => key.endsWith(session.id.slice(2)));
    await open.connection.client.pexpire(tombstone!, 100_000);
    await Promise.all([
      open.service.set(token, { visits: 2 }),
      open.service.unset(token, 'visits'),
      open.service.update(token, () => ({ visits: 3 })),
      open.service.touch(token),
      open.service.get(token),
      open.service.rotate(token),
      open.service.destroy(token),
      open.service.login(token, { userId: 'eve' }),
    ]);
    expect(await open.connection.client.hgetall(tombstone!)).toEqual({ state: 'destroyed' });
    expect(await open.connection.client.pttl(tombstone!)).toBeLessThanOrEqual(100_000);
    expect(await open.service.count('ada')).toBe(0);
  });

  it('are all in the list of their user, however many begin at once (better-auth#11073)', async () => {
    const made = await Promise.all(Array.from({ length: 60 }, () => open.service.create({ userId: 'ada' })));
    expect((await open.service.list('ada')).map(({ id }) => id).sort()).toEqual(
      made.map(({ session }) => session.id).sort(),
    );
    expect(await open.service.destroyAll('ada')).toBe(60);
    const left = await Promise.all(made.map(({ token }) => open.service.get(token)));
    expect(left.filter((session) => session !== undefined)).toEqual([]);
  });

  it('are listed and cleaned up without keyspace events (spring-session#2230)', async () => {
    for (const userId of ['ada', 'bob']) await open.service.create({ userId });
    await open.passTime(31 * 60_000);
    await open.service.create({ userId: 'ada' });
    expect(await open.service.count('ada')).toBe(1);
    expect((await open.keys()).filter((key) => key.includes('bob'))).toEqual([]);
    expect(await open.connection.client.config('GET', 'notify-keyspace-events')).toEqual([
      'notify-keyspace-events',
      '',
    ]);
    for (const command of ['psubscribe', 'config\\|set'])
      expect([command, await callsOf(servers.urls[0]!, command)]).toEqual([command, 0]);
  });

  it('end all at once with a command for each of 256 buckets, and none that lists or deletes keys (connect-redis: clear)', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, at) => open.service.create({ userId: `user-${at}` })));
    await open.connection.client.config('RESETSTAT');
    await open.service.destroyEveryone();
    expect(await callsOf(servers.urls[0]!, 'set')).toBe(256);
    for (const command of ['keys', 'del', 'flushdb'])
      expect([command, await callsOf(servers.urls[0]!, command)]).toEqual([command, 0]);
    expect(await open.service.count('user-1')).toBe(0);
  });
});
