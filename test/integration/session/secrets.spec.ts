import { Redis } from 'ioredis';
import type { RedisClient } from 'nestjs-redis-cache';
import { launchCluster, launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { PATIENCE } from '../../support/topologies.js';
import { OpenSessions } from './open-sessions.js';

const secret = 'a secret of the application, long enough';

/** Of its own: MONITOR sees everything that anybody does. */
const LAUNCHES = {
  server: async () => {
    const { url, stop } = await launchServer({ quiet: true });
    return { connection: { url, ...PATIENCE }, urls: [url], stop };
  },
  cluster: async () => {
    const { nodes, stop } = await launchCluster({ quiet: true });
    const [addresses, urls] = [nodes.map(({ port }) => `127.0.0.1:${port}`), nodes.map(({ url }) => url)];
    return { connection: { cluster: addresses, ...PATIENCE }, urls, stop };
  },
} as const;

describe.each([
  ['their SHA-256', 'server', {}],
  ['their SHA-256', 'cluster', {}],
  ['their HMAC', 'server', { secret }],
] as const)('tokens in Redis, by %s, on a %s', (_, kind, options) => {
  it('are neither in what it is told nor in what it keeps (ASVS 7.2.3)', async () => {
    const { connection, urls, stop } = await LAUNCHES[kind]();
    const watching = urls.map((url) => new Redis(url));
    const monitors = await Promise.all(watching.map((each) => each.monitor()));
    let told = '';
    for (const monitor of monitors)
      monitor.on('monitor', (_time: string, args: string[]) => (told += `${args.join(' ')}\n`));

    const open = await OpenSessions.on(connection, options);
    const published = (['created', 'rotated', 'destroyed', 'unknown-token'] as const).map((name) =>
      open.collect(`session:${name}`),
    );
    const tokens: string[] = [];
    const before = await open.service.create({ data: { cart: ['tea'] } });
    const { token } = await open.service.login(before.token, { userId: 'ada' });
    const rotated = (await open.service.rotate(token)) as { token: string };
    tokens.push(before.token, token, rotated.token);
    for (const each of tokens) {
      await open.service.get(each);
      await open.service.set(each, { visits: 1 });
      await open.service.update(each, () => ({ visits: 2 }));
      await open.service.rotate(each);
    }
    const kept = await everythingIn(open.connection.client, await open.keys());
    await open.service.get(`00${'A'.repeat(43)}`);
    await open.service.list('ada');
    await open.service.destroy(token);
    await open.service.destroyAll('ada');
    await Promise.all(watching.map((each, at) => each.echo(`this was the last of ${at}`)));
    await eventually(() => {
      for (const at of watching.keys()) expect(told).toContain(`this was the last of ${at}`);
    });

    expect(published.filter((events) => events.length === 0)).toEqual([]);
    const events = JSON.stringify(published.flat().map((event) => ({ ...event, source: undefined })));
    expect(told).toContain('"visits"'.replaceAll('"', ''));
    expect(kept.length).toBeGreaterThan(1_000);
    for (const each of tokens) {
      expect(each).toMatch(/^[0-9a-f]{2}[\w-]{43}$/); // 256 random bits and a bucket
      for (const text of [told, kept, events]) expect(text).not.toContain(each.slice(2));
      for (const text of [told, kept, events]) expect(text).not.toContain(each.slice(2, 24));
    }
    expect(`${told}${kept}`).not.toContain(secret);
    expect(new Set(tokens).size).toBe(3);

    for (const each of [...monitors, ...watching]) each.disconnect();
    await open.close();
    await stop();
  });
});

describe('the ids of a session', () => {
  it('are others with another secret', async () => {
    const [plain, keyed] = [
      await OpenSessions.on({ url: process.env.REDIS_URL! }),
      await OpenSessions.on({ url: process.env.REDIS_URL! }, { secret }),
    ];
    const created = await plain.service.create({ userId: 'ada' });
    const id = created.session.id.slice(2);
    const { createHash, createHmac } = await import('node:crypto');
    expect(id).toBe(createHash('sha256').update(created.token).digest('base64url'));
    const other = await keyed.service.create({ userId: 'ada' });
    expect(other.session.id.slice(2)).toBe(createHmac('sha256', secret).update(other.token).digest('base64url'));
    await plain.close();
    await keyed.close();
  });
});

async function everythingIn(redis: RedisClient, keys: readonly string[]): Promise<string> {
  const texts = keys.map(async (key) => {
    const kind = await redis.type(key);
    if (kind === 'hash') return JSON.stringify(await redis.hgetall(key));
    return kind === 'zset' ? (await redis.zrange(key, '0', '-1')).join() : String(await redis.get(key));
  });
  return [...keys, ...(await Promise.all(texts))].join('\n');
}
