import { UndeliveredEvictionError, UnknownOutcomeError } from '../../libs/redis-cache/src/cache/cache.errors.js';
import { CommandTimeoutError } from '../../libs/redis-cache/src/core/connection/index.js';
import { CATEGORIES, type Category, KEYS } from './database.js';
import { type Process, TTL_MS, type World } from './world.js';

/** Writes to the database and evicts by key. */
export function evict(world: World, name: string, { namespace }: Process, key: string): void {
  writer(world, name, async () => {
    const version = await write(world, [key]);
    await namespace.evict(key, {});
    return () => world.database.acknowledge([key], version);
  });
}

/** Takes the entry out, which evicts it as well. */
export function pull(world: World, name: string, { namespace }: Process, key: string): void {
  writer(world, name, async () => {
    const version = await write(world, [key]);
    await namespace.pull(key);
    return () => world.database.acknowledge([key], version);
  });
}

/** Ends the freshness of the entry, which nobody may read any more. */
export function markStale(world: World, name: string, { namespace }: Process, key: string): void {
  writer(world, name, async () => {
    const version = await write(world, [key]);
    await namespace.markStale(key);
    return () => world.database.acknowledge([key], version);
  });
}

export function evictPattern(world: World, name: string, { namespace }: Process, pattern: 'a*' | 'a?'): void {
  const keys = ['a1', 'a2'];
  writer(world, name, async () => {
    const version = await write(world, keys);
    await namespace.invalidate({ patterns: [pattern] }, {});
    return () => world.database.acknowledge(keys, version);
  });
}

export function clear(world: World, name: string, { namespace }: Process): void {
  writer(world, name, async () => {
    const version = await write(world, KEYS);
    await namespace.clear();
    return () => world.database.acknowledge(KEYS, version);
  });
}

/** Changes all rows of a category, and evicts its tag. */
export function evictTag(world: World, name: string, { namespace }: Process, category: Category): void {
  const { database, options } = world;
  const keysOf = options.tagging === 'fixed' ? () => CATEGORIES.flatMap((each) => database.keysOf(each)) : undefined;
  writer(world, name, async () => {
    let keys: readonly string[] = [];
    const change = () => database.write((keys = keysOf?.() ?? database.keysOf(category)));
    const version = await world.schedule.turn('write', change, { isPossible: () => database.isFree(...KEYS) });
    await namespace.invalidate({ tags: world.tagsOf({ version, category }) }, {});
    return () => database.acknowledgeTag(keys, version);
  });
}

/** Moves a row to the other category, and evicts the tags of both. */
export function move(world: World, name: string, { namespace }: Process, key: string): void {
  const { database, schedule } = world;
  writer(world, name, async () => {
    const version = await schedule.turn('write', () => database.move(key), { isPossible: () => database.isFree(key) });
    await namespace.invalidate({ tags: [...CATEGORIES] }, {});
    return () => database.moved(key, version);
  });
}

/** What a write gives back. */
type Returns = 'row' | 'nothing';

/** Writes to the database through the cache. An event tells when what should have been removed may still be there. */
export function put(world: World, name: string, { namespace, events }: Process, key: string, returns: Returns): void {
  writer(world, name, async () => {
    let version = 0;
    const change = async () => {
      version = await write(world, [key]);
      const row = world.database.read(key);
      await world.schedule.turn('write reply');
      return returns === 'row' ? row : undefined;
    };
    let isDelivered = true;
    const end = events.on('cache:eviction-failed', () => (isDelivered = false));
    const storedAs = () => ({ ttlMs: TTL_MS, tags: everyTag(world) });
    await namespace.writeThrough(key, { write: change, storedAs }).finally(end);
    return () => isDelivered && world.database.acknowledge([key], version);
  });
}

/** Nobody else writes the row between our write and the arrival of `set`: only then is "this is the value now" true. */
export function set(world: World, name: string, { namespace, connection }: Process, key: string): void {
  const { database } = world;
  writer(world, name, async () => {
    const version = await write(world, [key]);
    database.lock(key);
    connection.onSet = (arrived) => database.unlock(arrived);
    const row = database.read(key);
    await namespace.set(key, row, { ttlMs: TTL_MS, tags: world.tagsOf(row), when: 'always' });
    return () => database.acknowledge([key], version);
  });
}

export function write(world: World, keys: readonly string[]): Promise<number> {
  const { database, schedule } = world;
  const isPossible = () => database.isFree(...keys);
  return schedule.turn('write', () => database.write(keys), { detail: keys.join(), isPossible });
}

/** A put cannot know where others will have moved the row by the time it is written. */
function everyTag(world: World): string[] {
  return [...new Set(CATEGORIES.flatMap((category) => world.tagsOf({ version: 0, category })))];
}

/** @param work gives the acknowledgement; when it throws, nothing was acknowledged */
function writer(world: World, name: string, work: () => Promise<() => unknown>): void {
  world.schedule.agent(name, async () => {
    try {
      const acknowledge = await work();
      acknowledge();
      world.schedule.note(`${name}: acknowledged`);
    } catch (error) {
      if (!isUnanswered(error)) throw error;
      world.schedule.note(`${name}: not acknowledged`);
    }
  });
}

function isUnanswered(error: unknown): boolean {
  return [CommandTimeoutError, UndeliveredEvictionError, UnknownOutcomeError].some((kind) => error instanceof kind);
}
