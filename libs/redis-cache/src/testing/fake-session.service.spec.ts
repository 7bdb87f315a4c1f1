import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { SessionGuard, SessionService, SessionUser } from '../session/index.js';
import { FakeSessionService } from './fake-session.service.js';
import { provideFakeSessions } from './provide-fake-sessions.js';

interface Shopper {
  readonly name: string;
  readonly visits: number;
}

@Controller()
class OrdersController {
  @Get('orders')
  @UseGuards(SessionGuard)
  orders(@SessionUser() userId: string): string[] {
    return [`an order of ${userId}`];
  }
}

describe('the sessions of a test', () => {
  let sessions: FakeSessionService<Shopper>;
  beforeEach(() => void (sessions = FakeSessionService.create<Shopper>({ maxPerUser: 2, maxSize: 500 })));

  it('hold and keep data field by field', async () => {
    const { token, session } = await sessions.create({ userId: 'ada', data: { name: 'Ada' } });
    await sessions.set(token, { visits: 1 });
    await sessions.update(token, ({ visits = 0 }) => ({ visits: visits + 1 }));
    expect(await sessions.get(token)).toMatchObject({
      id: session.id,
      userId: 'ada',
      data: { name: 'Ada', visits: 2 },
    });
    await sessions.unset(token, 'name');
    expect(await sessions.getField(token, 'name')).toBeUndefined();
    await expect(sessions.set(token, { name: 'x'.repeat(600) })).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' });
  });

  it('expire when idle, and when they are old', async () => {
    const { token } = await sessions.create({ userId: 'ada' });
    for (let half = 0; half < 95; half += 1) {
      sessions.advance('15m');
      expect(await sessions.touch(token)).toBe(true);
    }
    sessions.advance('15m');
    expect(await sessions.get(token)).toBeUndefined();
    const idle = await sessions.create({ userId: 'ada' });
    sessions.advance('30m');
    expect(await sessions.get(idle.token)).toBeUndefined();
    expect(await sessions.count('ada')).toBe(0);
  });

  it('are logged in without fixation', async () => {
    const before = await sessions.create({ data: { visits: 1 } });
    const { token, session } = await sessions.login(before.token, { userId: 'ada' });
    expect(session.data).toEqual({ visits: 1 });
    expect(await sessions.get(before.token)).toMatchObject({ userId: undefined });
    expect(await sessions.set(before.token, { visits: 9 })).toBe(false);
    sessions.advance('11s');
    expect(await sessions.get(before.token)).toBeUndefined();
    const again = await sessions.login(token, { userId: 'ada' });
    expect(await sessions.get(token)).toBeDefined();
    await sessions.destroy(again.token);
    expect(await sessions.get(token)).toBeUndefined();
    const adas = await sessions.create({ userId: 'ada', data: { visits: 1 } });
    expect((await sessions.login(adas.token, { userId: 'bob' })).session.data).toEqual({});
    expect(await sessions.get(adas.token)).toBeUndefined();
  });

  it('rotate', async () => {
    const { token: old } = await sessions.create({ userId: 'ada' });
    const { token } = (await sessions.rotate(old)) as { token: string };
    expect(await sessions.set(old, { visits: 1 })).toBe(true);
    expect(await sessions.rotate(old)).toBe('already-rotated');
    sessions.advance('11s');
    expect(await sessions.get(old)).toBeUndefined();
    expect(await sessions.getField(token, 'visits')).toBe(1);
  });

  it('end one by one, all but one, all, and everyone’s', async () => {
    const [one, two] = [await sessions.create({ userId: 'ada' }), await sessions.create({ userId: 'ada' })];
    const third = await sessions.create({ userId: 'ada' });
    expect(await sessions.get(one.token)).toBeUndefined(); // the limit is two
    expect(await sessions.destroy({ userId: 'eve', id: two.session.id })).toBe(false);
    const login = await sessions.beginLogin('ada');
    expect(await sessions.destroyAll('ada', { except: third.session.id })).toBe(1);
    expect(await sessions.get(third.token)).toBeDefined();
    await expect(sessions.create({ userId: 'ada', login })).rejects.toMatchObject({ code: 'LOGIN_REVOKED' });
    await sessions.destroyEveryone();
    expect(await sessions.get(third.token)).toBeUndefined();
    expect(await sessions.list('ada')).toEqual([]);
  });

  it('come with the providers of a testing module', async () => {
    const module = await Test.createTestingModule({ providers: provideFakeSessions({ idleTimeout: '1m' }) }).compile();
    expect(module.get(SessionService)).toBe(module.get(FakeSessionService));
    const { session } = await module.get(SessionService).create();
    expect(+session.expiresAt - +session.createdAt).toBe(60_000);
    await module.close();
  });

  it('are those of requests too', async () => {
    const module = await Test.createTestingModule({
      controllers: [OrdersController],
      providers: provideFakeSessions(),
    }).compile();
    const app = await module.createNestApplication().init();
    const { token } = await module.get(FakeSessionService).create({ userId: 'ada' });
    const orders = () => request(app.getHttpServer()).get('/orders').set('cookie', `__Host-sid=${token}`);
    await orders().expect(200, ['an order of ada']);
    module.get(FakeSessionService).advance('31m');
    await orders().expect(401);
    await app.close();
  });

  it('encrypt what they hold, as those in Redis do', async () => {
    const [key, other] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64')) as [string, string];
    const encrypted = FakeSessionService.create<Shopper>({ encryption: { keys: [key, other] } });
    const { token } = await encrypted.create({ data: { name: 'Ada' }, device: { name: 'desk' } });
    expect(await encrypted.get(token)).toMatchObject({ data: { name: 'Ada' }, device: { name: 'desk' } });
  });
});
