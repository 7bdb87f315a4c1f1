import { setTimeout as delay } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { CacheService, getCacheToken, RedisCacheModule, RedisConnection } from 'nestjs-redis-cache';
import { launchCluster } from '../../../tools/redis/index.mjs';
import { eventually } from '../../support/eventually.js';
import { MovingSlot } from '../../support/moving-slot.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';

const KEYS = Array.from({ length: 600 }, (_, at) => `key:${at}`);

/** Which of the names of a slot have moved already. */
const MOVED: readonly [string, (name: string, at: number) => boolean][] = [
  ['nothing', () => false],
  ['index and log', (name) => /:cache-(index|log):/.test(name)],
  ['the entries', (name) => /:cache:/.test(name)],
  ['every other key', (_, at) => at % 2 === 0],
  ['index, log and some entries', (name, at) => /:cache-(index|log):/.test(name) || at % 2 === 0],
  ['everything', () => true],
];

type Eviction = (cache: CacheService, keys: readonly string[]) => Promise<unknown>;
const EVICTIONS: readonly [string, Eviction][] = [
  ['delete', (cache, keys) => Promise.all(keys.map((key) => cache.delete(key)))],
  ['keys that settle', (cache, keys) => cache.invalidate({ keys }, { settle: '10s' })],
  ['a prefix', (cache) => cache.invalidate('key:*')],
  ['a pattern', (cache) => cache.invalidate('k?y:*')],
  ['a tag', (cache) => cache.invalidate({ tags: ['shop'] })],
  ['clear', (cache) => cache.clear()],
];

describe('while a slot moves', () => {
  const keyPrefix = uniquePrefix();
  let cluster: Awaited<ReturnType<typeof launchCluster>>;
  let app: INestApplicationContext;
  let cache: CacheService;
  let buckets = 0;

  beforeAll(async () => {
    cluster = await launchCluster({ quiet: true });
    const nodes = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`);
    const imports = [RedisCacheModule.forFeature([{ namespace: 'bare', index: false }])];
    app = await startApp({ connection: { cluster: nodes, commandTimeout: '5s' }, keyPrefix, imports });
    cache = app.get(CacheService);
  }, 60_000);
  afterAll(async () => {
    await app.close();
    await cluster.stop();
  });

  let moving: MovingSlot | undefined;
  afterEach(async () => {
    await moving?.end();
    moving = undefined;
  });

  /** Each test moves a slot that no other has moved. */
  const nextBucket = (): string => (buckets++ % 64).toString(16).padStart(2, '0');

  /** An index that is complete, and entries that it lists. */
  const store = async (into: CacheService): Promise<void> => {
    await Promise.all(
      app
        .get(RedisConnection)
        .topology.primaries()
        .map((primary) => primary.flushall()),
    );
    if (into === cache) await cache.invalidate('nothing:*');
    await Promise.all(KEYS.map((key) => into.getOrSet(key, () => 'old', into === cache ? { tags: ['shop'] } : {})));
  };

  const beginMove = async (
    namespace: string,
    bucket = nextBucket(),
    least = 4,
  ): Promise<{ slot: MovingSlot; keys: string[] }> => {
    const head = `${keyPrefix}:cache:${namespace}:{${bucket}}:`;
    const slot = await MovingSlot.begin(app.get(RedisConnection).topology, head);
    moving = slot;
    const keys = slot.names.filter((name) => name.startsWith(head)).map((name) => name.slice(head.length));
    expect(keys.length).toBeGreaterThanOrEqual(least);
    return { slot, keys };
  };

  const readable = async (from: CacheService, keys: readonly string[]): Promise<string[]> => {
    const found = await Promise.all(keys.map(async (key) => ((await from.get(key)) === undefined ? [] : [key])));
    return found.flat();
  };

  const journalIsEmpty = (of: CacheService): Promise<void> =>
    eventually(() => expect(of.health().journal.pending).toBe(0), { withinMs: 20_000 });

  describe.each(MOVED)('and %s has moved', (_, hasMoved) => {
    it.each(EVICTIONS)('%s evicts', async (_name, evict) => {
      await store(cache);
      const { slot, keys } = await beginMove('default');
      await slot.move(slot.names.filter(hasMoved));

      await evict(cache, keys);
      expect(await readable(cache, keys)).toEqual([]);

      await slot.end();
      expect(await readable(cache, keys)).toEqual([]);
    });

    it('an eviction by key voids what is being loaded', async () => {
      await store(cache);
      const bucket = nextBucket();
      const { keys, slot: probe } = await beginMove('default', bucket);
      await probe.end();
      const [key] = keys as [string];
      await cache.delete(key);
      let finish!: (value: string) => void;
      const loading = cache.getOrSet(key, () => new Promise<string>((resolve) => (finish = resolve)));
      await eventually(() => expect(finish).toBeDefined());

      const { slot } = await beginMove('default', bucket);
      expect(slot.names.some((name) => name.includes(':cache-lease:'))).toBe(true);
      await slot.move(slot.names.filter(hasMoved));
      await cache.delete(key);
      await slot.end();
      finish('old');
      await loading;
      expect(await cache.get(key)).toBeUndefined();
    });
  });

  it('an eviction removes also what lies in both places', async () => {
    await store(cache);
    const { slot, keys } = await beginMove('default');
    await slot.copy(slot.names.filter((name) => name.includes(':cache:')));
    await cache.invalidate('key:*');
    expect(await readable(cache, keys)).toEqual([]);
    await slot.end();
    expect(await readable(cache, keys)).toEqual([]);
  });

  it('what settles is not stored once it has moved', async () => {
    await store(cache);
    const { slot, keys } = await beginMove('default');
    await slot.move(slot.names.filter((name) => name.includes(':cache-index:')));
    await cache.invalidate({ keys }, { settle: '30s' });
    await slot.end();
    await Promise.all(keys.map((key) => cache.getOrSet(key, () => 'of a replica that lags behind')));
    expect(await readable(cache, keys)).toEqual([]);
  });

  it('a write on the new node does not take for dead what is still on the old one', async () => {
    await store(cache);
    const bucket = nextBucket();
    const { keys, slot: probe } = await beginMove('default', bucket);
    await probe.end();
    const [key, ...others] = keys as [string, ...string[]];
    let finish!: (value: string) => void;
    const load = () => new Promise<string>((resolve) => (finish = resolve));
    const loading = cache.getOrSet(key, load, { fresh: true });
    await eventually(() => expect(finish).toBeDefined());

    const { slot } = await beginMove('default', bucket);
    await slot.move(slot.names.filter((name) => name.includes(':cache-index:') || name.endsWith(`:${key}`)));
    // So many tags that it looks at all members.
    await cache.set(key, 'new', { tags: Array.from({ length: 40 }, (_, at) => `tag:${at}`) });
    await slot.end();
    finish('old');
    await loading;
    await cache.invalidate('key:*');
    expect(await readable(cache, [key, ...others])).toEqual([]);
  });

  describe('and the index is lost', () => {
    const lose = async (bucket: string): Promise<void> => {
      await app.get(RedisConnection).client.unlink(`${keyPrefix}:cache-index:default:{${bucket}}:`);
    };

    it('an eviction is not delivered, and once the slot has moved it finds all', async () => {
      await store(cache);
      const bucket = nextBucket();
      await lose(bucket);
      const { slot, keys } = await beginMove('default', bucket);
      await slot.move(slot.names.filter((_, at) => at % 2 === 0));
      expect(await cache.invalidate('key:*')).toEqual({ removed: 0, delivered: false });
      await slot.end();
      await journalIsEmpty(cache);
      expect(await readable(cache, keys)).toEqual([]);
    });

    it.each(['invalidate', 'clear'] as const)('%s finds all when the slot has moved meanwhile', async (method) => {
      await store(cache);
      const bucket = nextBucket();
      await lose(bucket);
      const { slot, keys } = await beginMove('default', bucket);
      await slot.move(slot.names.filter((_, at) => at % 2 === 0));
      const eviction = method === 'clear' ? cache.clear() : cache.invalidate('key:*');
      await delay(300);
      await slot.end();
      await expect(eviction).resolves.toMatchObject({ delivered: true });
      expect(await readable(cache, keys)).toEqual([]);
    });
  });

  describe('a scan', () => {
    it('for a namespace without an index is not delivered, and once the slot has moved it finds all', async () => {
      const bare = app.get<CacheService>(getCacheToken('bare'));
      await store(bare);
      const { slot, keys } = await beginMove('bare');
      await slot.move(slot.names);
      expect(await bare.clear()).toEqual({ removed: 0, delivered: false });
      await slot.end();
      await journalIsEmpty(bare);
      expect(await readable(bare, keys)).toEqual([]);
    });

    it('for a namespace without an index finds all when the slot has moved meanwhile', async () => {
      const bare = app.get<CacheService>(getCacheToken('bare'));
      await store(bare);
      const { slot, keys } = await beginMove('bare');
      await slot.move(slot.names);
      const eviction = bare.clear();
      await delay(300);
      await slot.end();
      await expect(eviction).resolves.toMatchObject({ delivered: true });
      expect(await readable(bare, keys)).toEqual([]);
    });

    it('for keys of others goes on when the slot has moved', async () => {
      await store(cache);
      const bucket = nextBucket();
      const head = `${keyPrefix}:cache:default:{${bucket}}:`;
      const { client } = app.get(RedisConnection);
      const foreign = Array.from({ length: 20 }, (_, at) => `${head}foreign:${at}`);
      await Promise.all(foreign.map((name) => client.set(name, '1')));
      const { slot } = await beginMove('default', bucket);
      await slot.move(slot.names.filter((_, at) => at % 2 === 0));
      const eviction = cache.invalidate('foreign:*', { scan: true });
      await delay(300);
      await slot.end();
      await expect(eviction).resolves.toMatchObject({ removed: 20, delivered: true });
    });
  });

  it('nobody reads what was before an eviction, while slots go there and back under load', async () => {
    await store(cache);
    const bucket = nextBucket();
    const { keys } = await beginMove('default', bucket);
    await moving!.end();
    const rows = new Map(keys.map((key) => [key, 0]));
    const evicted = new Map(keys.map((key) => [key, 0]));
    const stale: string[] = [];
    const count = { reads: 0, loads: 0, evictions: 0, rejections: 0 };
    let goesOn = true;
    const evictions = EVICTIONS.filter(([name]) => name !== 'keys that settle');
    const pick = <T>(from: readonly T[]): T => from[Math.floor(Math.random() * from.length)]!;

    const read = async (): Promise<void> => {
      while (goesOn) {
        const key = pick(keys);
        const least = evicted.get(key)!;
        const load = async (): Promise<number> => {
          count.loads += 1;
          const version = rows.get(key)!;
          await delay(Math.random() * 20);
          return version;
        };
        count.reads += 1;
        const version = await cache.getOrSet(key, load, { tags: ['shop'] });
        if (version < least) stale.push(`${key}: ${version} < ${least}`);
      }
    };
    const write = async (): Promise<void> => {
      while (goesOn) {
        await delay(Math.random() * 100);
        const all = new Map(keys.map((key) => [key, rows.get(key)! + 1]));
        for (const [key, version] of all) rows.set(key, version);
        const done = await pick(evictions)[1](cache, keys).then(
          () => true,
          () => false,
        );
        count[done ? 'evictions' : 'rejections'] += 1;
        if (done) for (const [key, version] of all) evicted.set(key, Math.max(version, evicted.get(key)!));
      }
    };
    const move = async (): Promise<void> => {
      while (goesOn) {
        const { names } = (await beginMove('default', bucket, 0)).slot;
        for (const name of [...names].sort(() => Math.random() - 0.5)) {
          await delay(Math.random() * 30);
          await moving!.move([name]);
        }
        await moving!.end();
        await delay(Math.random() * 300);
      }
    };
    const working = [...Array.from({ length: 20 }, () => read()), write(), write(), move()];
    await delay(8_000);
    goesOn = false;
    await Promise.all(working);
    console.info(count);
    expect(stale).toEqual([]);
  }, 60_000);
});
