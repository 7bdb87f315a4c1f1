import { Redis } from 'ioredis';
import type { SessionService } from '../../../libs/redis-cache/src/session/index.js';
import { launchServer } from '../../../tools/redis/index.mjs';
import { Schedule } from '../schedule.js';
import { scheduledSessions } from './scheduled-sessions.js';

/** A read is a script and the fields beside it. Others may come between them, in either order. */
describe('a session that changes while it is read', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let redis: Redis;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  const ORDERS = [['readSession', 'command'] as const, ['command', 'readSession'] as const];

  it.each(ORDERS)('is not there when it was ended between %s and %s', async (first) => {
    const destroy = (sessions: SessionService, token: string) => sessions.destroy(token);
    const read = await readAround(first, destroy);
    // Who was answered before it ended may still have seen it, as it was.
    expect(read === undefined || read.data['cart'] === 'tea').toBe(true);
  });

  it.each(ORDERS)('is read where it has moved to between %s and %s', async (first) => {
    const rotate = (sessions: SessionService, token: string) => sessions.rotate(token);
    expect(await readAround(first, rotate)).toMatchObject({ userId: 'ada', data: { cart: 'tea' } });
  });

  it.each(ORDERS)('is read as it was when a login replaces it between %s and %s', async (first) => {
    const login = (sessions: SessionService, token: string) => sessions.login(token, { userId: 'ada' });
    expect(await readAround(first, login)).toMatchObject({ userId: 'ada', data: { cart: 'tea' } });
  });

  async function readAround(
    first: 'readSession' | 'command',
    change: (sessions: SessionService, token: string) => Promise<unknown>,
  ) {
    const schedule = new Schedule();
    const sessions = scheduledSessions({ redis, schedule });
    const { token } = await sessions.create({ userId: 'ada', data: { cart: 'tea' } });
    schedule.begin();
    const reading = sessions.get(token);
    expect(await schedule.hasATurn()).toBe(true);
    await schedule.take(schedule.possibleTurns.find(({ step }) => step === first)!);
    const others = schedule.possibleTurns.length;
    const waiting = [...schedule.possibleTurns];
    schedule.end();
    await change(sessions, token);
    for (const turn of waiting) await schedule.take(turn);
    expect(others).toBeGreaterThan(0);
    return reading;
  }
});
