import type { CacheService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { CacheOnOwnServer, forMany, numbered, type Spent } from './cache-on-own-server.js';

const isLong = process.env.TEST_SCALE === 'long';
const LIMIT_MS = isLong ? 900_000 : 60_000;
const MEMBERS_PER_SLICE = 250;

type Store = (cache: CacheService, key: string, tags: string[]) => Promise<unknown>;

const STORES: [string, Store][] = [
  ['set', (cache, key, tags) => cache.set(key, 1, { tags })],
  ['getOrSet with tags', (cache, key, tags) => cache.getOrSet(key, () => 1, { tags })],
  ['getOrSet with tagsFrom', (cache, key, tags) => cache.getOrSet(key, () => 1, { tagsFrom: () => tags })],
];

/** Figures are printed for docs/architecture.md; what is asserted are counts. */
describe('what the cache costs Redis', () => {
  let own: CacheOnOwnServer;

  beforeEach(async () => void (own = await CacheOnOwnServer.start()));
  afterEach(() => own.stop());

  it('one GET for a hit, and nothing else', async () => {
    const { cache, redis } = own;
    await cache.set('key', { id: 1 }, { tags: ['tag'] });
    const seen: string[] = [];
    const monitor = await redis.monitor();
    monitor.on('monitor', (_: string, command: string[]) => void seen.push(command.join(' ')));
    for (let hit = 0; hit < 10; hit += 1) {
      expect(await cache.get('key')).toEqual({ id: 1 });
      expect(await cache.getOrSet('key', () => Promise.reject(new Error('not a hit')))).toEqual({ id: 1 });
    }
    await redis.echo('the end');
    await eventually(() => expect(seen).toContain('echo the end'));
    monitor.disconnect();
    expect(seen.slice(0, -1)).toEqual(Array.from({ length: 20 }, () => `get ${own.entryOf('key')}`));
  });

  it(
    'the same for an invalidation of five keys in a small and in a large namespace',
    async () => {
      const { cache, redis } = own;
      const spent: Spent[] = [];
      let others = 0;
      await cache.set('first', 1, { tags: ['shop'] });
      await cache.invalidate({ keys: ['first'], patterns: ['first*'], tags: ['shop'] }); // the server knows the scripts now
      for (const size of [1_000, isLong ? 1_000_000 : 50_000]) {
        for (; others < size; others += 500) {
          await Promise.all(numbered(`other:${others}`, 500).map((key) => cache.set(key, 1, { ttl: '1h' })));
        }
        for (const target of ['product:*', { tags: ['shop'] }, { keys: numbered('product', 5) }]) {
          await forMany(numbered('product', 5), (key) => cache.set(key, 1, { tags: ['shop'] }));
          spent.push(await own.spentBy(() => cache.invalidate(target)));
        }
        const [pattern, tag, keys] = spent.slice(-3).map(({ scriptsUs }) => `${scriptsUs} us`);
        console.info(`5 of ${others} keys, time in the server: pattern ${pattern}, tag ${tag}, keys ${keys}`);
      }
      expect(await redis.zcard(own.index)).toBeGreaterThan(others);
      const calls = spent.map((each) => each.calls);
      expect(calls.slice(3)).toEqual(calls.slice(0, 3));
      expect(calls[0]).toMatchObject({ evalsha: 1, zrangebylex: 1 });
    },
    LIMIT_MS,
  );

  it(
    'slice after slice for many matches, with time for others in between',
    async () => {
      const { cache, redis } = own;
      const matches = isLong ? 100_000 : 10_000;
      const slices = matches / MEMBERS_PER_SLICE + 1; // the last one finds nothing
      await forMany(numbered('other', 1_000), (key) => cache.set(key, key));
      await forMany(numbered('match', matches), (key) => cache.set(key, key));
      await cache.invalidate('no match*'); // the server knows the script now
      await redis.config('SET', 'slowlog-max-len', '100000');
      await redis.slowlog('RESET');
      await redis.config('SET', 'slowlog-log-slower-than', '0');
      const pings: number[] = [];
      let goesOn = true;
      const pinging = (async () => {
        while (goesOn) {
          const sentAt = performance.now();
          await redis.ping();
          pings.push(performance.now() - sentAt);
        }
      })();
      const { calls } = await own.spentBy(async () => {
        expect(await cache.invalidate('match:*')).toMatchObject({ removed: matches });
      });
      goesOn = false;
      await pinging;
      await redis.config('SET', 'slowlog-log-slower-than', '-1');
      const log = (await redis.slowlog('GET', 100_000)) as [number, number, number, string[]][];
      const scripts = log.filter(([, , , [name]]) => name?.toLowerCase() === 'evalsha');
      const slowestUs = Math.max(...scripts.map(([, , us]) => us));
      console.info(
        `${matches} matches: ${slices} slices, the longest ${slowestUs} us; the longest of ${pings.length} PINGs took ` +
          `${Math.max(...pings).toFixed(1)} ms`,
      );
      expect(calls).toMatchObject({ evalsha: slices, zrangebylex: slices });
      expect(scripts.map(([, , , args]) => args[6])).toEqual(scripts.map(() => String(MEMBERS_PER_SLICE)));
      expect(pings.length).toBeGreaterThan(slices / 4);
      expect(await own.found('*')).toHaveLength(1_000);
    },
    LIMIT_MS,
  );

  it.each([0, 1, 3])(
    'so many members of the index for a key with %d tags',
    async (count) => {
      const { cache, redis } = own;
      const keys = numbered('product', isLong ? 100_000 : 5_000);
      const tags = (at: number): string[] => ['shop', `category:${at % 50}`, `maker:${at % 500}`].slice(0, count);
      await forMany([...keys.entries()], ([at, key]) => cache.set(key, key, { tags: tags(at) }));
      const bytes = (await redis.memory('USAGE', own.index, 'SAMPLES', 0))!;
      console.info(
        `${(bytes / keys.length).toFixed(0)} bytes of index for each of ${keys.length} keys with ${count} tags`,
      );
      expect(await redis.zcard(own.index)).toBe(keys.length * (1 + count) + 1);
    },
    LIMIT_MS,
  );

  it.each(STORES)(
    'an index in proportion to what lives, while %s stores keys that expire soon',
    async (store, write) => {
      const { cache, redis } = own;
      const LIVE = 1_000;
      const keys = numbered('unique', isLong ? 400_000 : 20_000);
      const tags = (at: number): string[] => ['all', `group:${at % 50}`, `own:${at}`];
      for (let at = 0; at < keys.length; at += 50) {
        await Promise.all(keys.slice(at, at + 50).map((key, offset) => write(cache, key, tags(at + offset))));
        // As if they had expired: Redis drops them, and nobody tells the index. So exactly so many are live.
        const expired = keys.slice(Math.max(0, at - LIVE), Math.max(0, at + 50 - LIVE));
        if (expired.length > 0) await redis.unlink(expired.map((key) => own.entryOf(key)));
      }
      const live = (await own.found('unique:*')).length;
      expect(live).toBe(LIVE);
      const members = await redis.zcard(own.index);
      const factor = (members / (live * 4)).toFixed(2);
      console.info(`${store}: ${factor} members for each that lives, after ${keys.length} writes with 3 tags`);
      expect(members).toBeGreaterThan(live * 4);
      expect(members).toBeLessThan(1.7 * live * 4 + 200);
    },
    LIMIT_MS,
  );
});
