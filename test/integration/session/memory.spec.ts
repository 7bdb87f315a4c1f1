import { setTimeout as pause } from 'node:timers/promises';
import { launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { ownCluster, ownServer } from '../../support/own-servers.js';
import { startApp } from '../../support/test-app.js';
import { OpenSessions } from './open-sessions.js';

const isLong = process.env.TEST_SCALE === 'long';
const sessions = isLong ? 100_000 : 5_000;
const timeout = isLong ? 600_000 : 120_000;
const AT_A_TIME = 250;
const DAY_MS = 86_400_000;

/** Of a few keys: what they are, and when they expire. */
const SURVEY = `
  local immortal, living, longest = 0, 0, 0
  for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
    local remaining = redis.call('PTTL', key)
    if remaining == -1 then immortal = immortal + 1 end
    longest = math.max(longest, remaining)
    local isGate = string.find(key, ':gate:', 1, true)
    if not isGate and not (redis.call('TYPE', key).ok == 'hash' and redis.call('HGET', key, 'state') == 'destroyed') then
      living = living + 1
    end
  end
  return { immortal, living, longest }`;

describe.each([
  ['a server', ownServer],
  ['a cluster', ownCluster],
] as const)('sessions on %s of their own', (_, launch) => {
  it(
    `leave nothing: ${sessions} made, used, rotated, ended and forgotten`,
    async () => {
      const servers = await launch();
      const connection = { ...servers.connection, commandTimeout: '20s' } as const;
      const [idleTimeout, absoluteTimeout] = isLong ? (['20s', '30s'] as const) : (['4s', '6s'] as const);
      const open = await OpenSessions.on(connection, {
        idleTimeout,
        absoluteTimeout,
        rotationGrace: '1s',
        touchInterval: 0,
      });
      const oneOfMany = async (at: number): Promise<void> => {
        const userId = `user-${at % 1_000}`;
        const { token } = await open.service.create({ userId, data: { visits: at } });
        if (at % 3 === 0) await open.service.get(token);
        if (at % 5 === 0) await open.service.rotate(token);
        if (at % 50 === 0) await open.service.login(token, { userId });
        if (at % 50 === 1) await open.service.destroy(token);
        if (at % 500 === 2) await open.service.destroyAll(userId);
      };
      for (let at = 0; at < sessions; at += AT_A_TIME) {
        await Promise.all(Array.from({ length: AT_A_TIME }, (_, beside) => oneOfMany(at + beside)));
        if (at === 0) expect((await survey(open)).living).toBeGreaterThan(AT_A_TIME / 2);
        expect(at % 10_000 === 0 ? (await survey(open)).immortal : 0).toBe(0);
      }
      // All that was used expires by itself; what says that some have ended stays longer, and is let expire.
      await eventually(async () => expect((await survey(open)).living).toBe(0), { withinMs: 120_000 });
      const { immortal, longest } = await survey(open);
      expect(immortal).toBe(0);
      expect(longest).toBeGreaterThan(0);
      expect(longest).toBeLessThanOrEqual(DAY_MS + 30_000);
      await open.passTime(longest);
      await pause(1);
      expect(await open.keys()).toEqual([]);
      await open.close();
      await servers.stop();
    },
    timeout,
  );
});

async function survey(open: OpenSessions): Promise<{ immortal: number; living: number; longest: number }> {
  const pattern = `${open.keyPrefix}:session:*`;
  const primaries = open.connection.topology.primaries();
  const found = (await Promise.all(primaries.map((primary) => primary.eval(SURVEY, 0, pattern)))) as number[][];
  const [immortal, living, longest] = [0, 1, 2].map((at) => found.map((counts) => counts[at]!));
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return { immortal: sum(immortal!), living: sum(living!), longest: Math.max(...longest!) };
}

describe('sessions on a server of their own', () => {
  it('can be ended although its memory is full, and nothing else is written', async () => {
    const server = await launchServer({ quiet: true });
    const open = await OpenSessions.on({ url: server.url });
    const [one, other, third] = await Promise.all(
      ['ada', 'ada', 'bob'].map((userId) => open.service.create({ userId })),
    );
    await open.connection.client.config('SET', 'maxmemory', '1');
    await expect(open.service.set(one!.token, { visits: 1 })).rejects.toMatchObject({
      code: 'SESSION_UNAVAILABLE',
      cause: { code: 'REDIS_REPLY' },
    });
    expect(await open.service.destroy(third!.token)).toBe(true);
    expect(await open.service.destroyAll('ada')).toBe(2);
    for (const { token } of [one!, other!, third!]) expect(await open.service.get(token)).toBeUndefined();
    await open.service.destroyEveryone();
    await open.close();
    await server.stop();
  });

  it('are read and kept alive although its memory is full', async () => {
    const server = await launchServer({ quiet: true });
    const open = await OpenSessions.on({ url: server.url }, { touchInterval: 0 });
    const { token, session } = await open.service.create({ userId: 'ada', data: { visits: 1 } });
    await pause(2);
    await open.connection.client.config('SET', 'maxmemory', '1');
    expect(await open.service.get(token)).toMatchObject({ userId: 'ada', data: { visits: 1 } });
    const [listed] = await open.service.list('ada');
    expect(+listed!.expiresAt).toBeGreaterThan(+session.expiresAt);
    await open.close();
    await server.stop();
  });

  it.each([
    ['allkeys-lru', 1],
    ['volatile-ttl', 1],
    ['noeviction', 0],
  ])('that evicts by %s gives %i warnings at boot', async (policy, warnings) => {
    const server = await launchServer({ quiet: true, args: ['--maxmemory-policy', policy] });
    const connection = { url: server.url };
    const [asked, silent] = [new CollectingLogger(), new CollectingLogger()];
    const withSessions = await startApp({ connection, session: {}, logger: asked });
    const without = await startApp({ connection, logger: silent });
    const text = `may evict sessions (maxmemory-policy ${policy})`;
    expect(asked.containing(text)).toHaveLength(warnings);
    expect(silent.containing('evict sessions')).toEqual([]);
    await withSessions.close();
    await without.close();
    await server.stop();
  });
});
