import { Redis } from 'ioredis';
import { launchServer } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { OpenSessions } from './open-sessions.js';

const secret = 'a secret of the application, long enough';

/** On a server of its own: MONITOR sees everything that anybody does. */
describe.each([
  ['their SHA-256', {}],
  ['their HMAC', { secret }],
])('tokens in Redis, by %s', (_, options) => {
  it('are neither in what it is told nor in what it keeps (ASVS 7.2.3)', async () => {
    const server = await launchServer({ quiet: true });
    const watching = new Redis(server.url);
    const monitor = await watching.monitor();
    let told = '';
    monitor.on('monitor', (_time: string, args: string[]) => (told += `${args.join(' ')}\n`));

    const open = await OpenSessions.on({ url: server.url }, options);
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
    const kept = await everythingIn(watching, await open.keys());
    await open.service.get(`00${'A'.repeat(43)}`);
    await open.service.list('ada');
    await open.service.destroy(token);
    await open.service.destroyAll('ada');
    await open.connection.client.echo('this was the last');
    await eventually(() => expect(told).toContain('this was the last'));

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

    monitor.disconnect();
    watching.disconnect();
    await open.close();
    await server.stop();
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

async function everythingIn(redis: Redis, keys: readonly string[]): Promise<string> {
  const texts = keys.map(async (key) => {
    const kind = await redis.type(key);
    if (kind === 'hash') return JSON.stringify(await redis.hgetall(key));
    return kind === 'zset' ? (await redis.zrange(key, '0', '-1')).join() : String(await redis.get(key));
  });
  return [...keys, ...(await Promise.all(texts))].join('\n');
}
