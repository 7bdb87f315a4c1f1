import { launchServer } from '../../../tools/redis/index.mjs';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { eventually } from '../../support/eventually.js';
import { startApp } from '../../support/test-app.js';
import { OpenSessions } from './open-sessions.js';

const isLong = process.env.TEST_SCALE === 'long';
const sessions = isLong ? 100_000 : 10_000;
const timeout = isLong ? 600_000 : 120_000;

describe('sessions on a server of their own', () => {
  it(
    `leave nothing: ${sessions} made, used, rotated and forgotten by processes that died`,
    async () => {
      const server = await launchServer({ quiet: true });
      const connection = { url: server.url, commandTimeout: '20s' } as const;
      const options = { idleTimeout: '20s', absoluteTimeout: '30s', rotationGrace: '1s', touchInterval: 0 } as const;
      const open = await OpenSessions.on(connection, options);
      const oneOfMany = async (at: number): Promise<void> => {
        const { token } = await open.service.create({ userId: `user-${at % 1_000}`, data: { visits: at } });
        if (at % 3 === 0) await open.service.get(token);
        if (at % 5 === 0) await open.service.rotate(token);
        if (at % 50 === 0) await open.service.login(token, { userId: `user-${at % 1_000}` });
      };
      for (let at = 0; at < sessions; at += 250)
        await Promise.all(Array.from({ length: 250 }, (_, beside) => oneOfMany(at + beside)));
      const keys = await open.keys();
      expect(keys.length).toBeGreaterThan(1_000);
      const without = await open.connection.client.eval(
        `local immortal = 0
         for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
           if redis.call('PTTL', key) == -1 then immortal = immortal + 1 end
         end
         return immortal`,
        0,
        `${open.keyPrefix}:session:*`,
      );
      expect(without).toBe(0);
      await eventually(async () => expect(await open.keys()).toEqual([]), { withinMs: 60_000 });
      await open.close();
      await server.stop();
    },
    timeout,
  );

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
