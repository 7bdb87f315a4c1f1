import type { CacheService } from 'nestjs-redis-cache';

/** `away`: no answer, or none that counts. `full`: there is no memory left. `read-only`: the server takes no writes. `off`: no outage, `enabled: false`. */
export type Situation = 'away' | 'full' | 'read-only' | 'off';

/** How the documentation (docs/outages.md) puts it, and how it is recognised. */
const OUTCOMES = {
  hit: { value: 'old' },
  miss: { value: 'nothing' },
  loads: { value: 'loaded' },
  'not delivered': { value: { removed: 0, delivered: false } },
  delivered: { value: { removed: 1, delivered: true } },
  'nothing there': { value: { removed: 0, delivered: true } },
  false: { value: false },
  true: { value: true },
  '0': { value: 0 },
  '1': { value: 1 },
  done: { value: undefined },
  result: { value: 'the result' },
  throws: { error: true },
} as const;

/** Where a connection that was refused a write is made anew, and others who are under way feel it. */
const EITHER = {
  'hit or miss': ['hit', 'miss'],
  'hit or loads': ['hit', 'loads'],
  'true or false': ['true', 'false'],
  'done or throws': ['done', 'throws'],
  '1 or throws': ['1', 'throws'],
  'false or throws': ['false', 'throws'],
} as const;

type Plain = keyof typeof OUTCOMES;
export type Outcome = Plain | keyof typeof EITHER;

export interface Operation {
  readonly name: string;
  readonly call: (cache: CacheService, key: string) => Promise<unknown>;
  readonly outcomes: Readonly<Record<Situation, Outcome>>;
  /** The entry may not be there when the fault is over and the operation has resolved. */
  readonly evicts?: true;
}

const load = async (): Promise<string> => 'loaded';
const orNothing = (value: unknown): unknown => value ?? 'nothing';
const all = (outcome: Outcome): Operation['outcomes'] => ({
  away: outcome,
  full: outcome,
  'read-only': outcome,
  off: outcome,
});
const EVICTION: Operation['outcomes'] = {
  away: 'not delivered',
  full: 'delivered',
  'read-only': 'not delivered',
  off: 'nothing there',
};
const READ: Operation['outcomes'] = { away: 'miss', full: 'hit', 'read-only': 'hit or miss', off: 'miss' };
const LOAD: Operation['outcomes'] = { away: 'loads', full: 'hit', 'read-only': 'hit or loads', off: 'loads' };

/** Every public operation of CacheService, each on a key of its own that holds "old" and the tag of the same name. */
export const OPERATIONS: readonly Operation[] = [
  { name: 'get', call: async (cache, key) => orNothing(await cache.get(key)), outcomes: READ },
  {
    name: 'getMany',
    call: async (cache, key) => orNothing((await cache.getMany([key])).get(key)),
    outcomes: READ,
  },
  {
    name: 'has',
    call: (cache, key) => cache.has(key),
    outcomes: { away: 'false', full: 'true', 'read-only': 'true or false', off: 'false' },
  },
  {
    name: 'ttl',
    call: async (cache, key) => ((await cache.ttl(key)) === undefined ? 'nothing' : 'old'),
    outcomes: READ,
  },
  { name: 'getOrSet', call: (cache, key) => cache.getOrSet(key, load), outcomes: LOAD },
  { name: 'getOrSet fresh', call: (cache, key) => cache.getOrSet(key, load, { fresh: true }), outcomes: all('loads') },
  { name: 'wrap', call: (cache, key) => cache.wrap(load, { key: () => key })(), outcomes: LOAD },
  { name: 'refresh', call: (cache, key) => cache.refresh(key, load), outcomes: { ...all('false'), full: 'true' } },
  { name: 'warm', call: (cache, key) => cache.warm('default', [[key, load]]), outcomes: all('done') },
  { name: 'bypass', call: (cache, key) => cache.bypass(() => cache.getOrSet(key, load)), outcomes: all('loads') },
  {
    name: 'set',
    call: (cache, key) => cache.set(`${key} another`, 'new'),
    outcomes: { ...all('throws'), off: 'done' },
  },
  {
    name: 'setMany',
    call: (cache, key) => cache.setMany([[`${key} another`, 'new']]),
    outcomes: { ...all('throws'), off: 'done' },
  },
  {
    name: 'add',
    call: (cache, key) => cache.add(key, 'new'),
    outcomes: { away: 'throws', full: 'false', 'read-only': 'false or throws', off: 'true' },
  },
  {
    name: 'increment',
    call: (cache, key) => cache.increment(`${key} counted`),
    outcomes: { ...all('throws'), off: '1' },
  },
  {
    name: 'pull',
    call: async (cache, key) => orNothing(await cache.pull(key)),
    outcomes: { away: 'throws', full: 'hit', 'read-only': 'throws', off: 'miss' },
    evicts: true,
  },
  { name: 'touch', call: (cache, key) => cache.touch(key), outcomes: { ...all('throws'), off: 'false' } },
  {
    name: 'markStale',
    call: (cache, key) => cache.markStale(key),
    outcomes: { away: 'throws', full: 'true', 'read-only': 'throws', off: 'false' },
  },
  {
    name: 'delete',
    call: (cache, key) => cache.delete(key),
    outcomes: { away: 'false', full: 'true', 'read-only': 'false', off: 'false' },
    evicts: true,
  },
  {
    name: 'deleteMany',
    call: (cache, key) => cache.deleteMany([key]),
    outcomes: { away: '0', full: '1', 'read-only': '0', off: '0' },
    evicts: true,
  },
  {
    name: 'invalidate by key',
    call: (cache, key) => cache.invalidate({ keys: [key] }),
    outcomes: EVICTION,
    evicts: true,
  },
  {
    name: 'invalidate by pattern',
    call: (cache, key) => cache.invalidate(`${key}*`),
    outcomes: EVICTION,
    evicts: true,
  },
  {
    name: 'invalidate by tag',
    call: (cache, key) => cache.invalidate({ tags: [key] }),
    outcomes: EVICTION,
    evicts: true,
  },
  { name: 'clear', call: (cache, key) => cache.withPrefix(key).clear(), outcomes: EVICTION, evicts: true },
  {
    name: 'writeThrough',
    call: (cache, key) => cache.writeThrough(key, () => 'the result'),
    outcomes: { ...all('throws'), full: 'result', off: 'result' },
  },
  {
    name: 'unitOfWork',
    call: (cache, key) =>
      cache.unitOfWork(async () => {
        await cache.invalidate({ keys: [key] });
        return 'the result';
      }),
    outcomes: all('result'),
    evicts: true,
  },
  {
    name: 'explain',
    call: async (cache, key) => (await cache.explain(key)).state,
    outcomes: { away: 'throws', full: 'done', 'read-only': 'done or throws', off: 'done' },
  },
  {
    name: 'keys',
    call: (cache, key) => listed(cache, key),
    outcomes: { away: 'throws', full: '1', 'read-only': '1 or throws', off: '0' },
  },
  {
    name: 'size',
    call: async (cache) => ((await cache.size()) > 0 ? undefined : 'empty'),
    outcomes: { away: 'throws', full: 'done', 'read-only': 'done or throws', off: 'done' },
  },
  {
    name: 'isHealthy',
    call: (cache) => cache.isHealthy(),
    outcomes: { away: 'false', full: 'true', 'read-only': 'true or false', off: 'true' },
  },
];

async function listed(cache: CacheService, key: string): Promise<number> {
  let count = 0;
  for await (const _ of cache.keys(`${key}*`)) count += 1;
  return count;
}

/** Why an operation has not come to what is documented; `undefined` when it has. */
export function misfit(settled: PromiseSettledResult<unknown>, outcome: Outcome): string | undefined {
  if (outcome in EITHER) {
    const problems = EITHER[outcome as keyof typeof EITHER].map((either) => misfit(settled, either));
    return problems.every((problem) => problem !== undefined) ? problems[0] : undefined;
  }
  const expected = OUTCOMES[outcome as Plain];
  if (settled.status === 'rejected') {
    const { code } = settled.reason as { readonly code?: string };
    const isOurs = 'error' in expected && typeof code === 'string';
    return isOurs ? undefined : `${outcome} was expected, and it threw ${String(settled.reason)}`;
  }
  const isRight = 'value' in expected && (outcome === 'done' || same(settled.value, expected.value));
  return isRight ? undefined : `${outcome} was expected, and it gave ${JSON.stringify(settled.value)}`;
}

/** In what an operation has come to something else than it ordinarily does; `undefined` when in nothing. */
export function difference(
  settled: PromiseSettledResult<unknown>,
  ordinary: PromiseSettledResult<unknown>,
): string | undefined {
  if (settled.status === 'rejected') return `threw ${String(settled.reason)}`;
  if (ordinary.status === 'rejected') return `ordinarily it throws ${String(ordinary.reason)}`;
  const isSame = same(settled.value, ordinary.value);
  return isSame ? undefined : `gave ${JSON.stringify(settled.value)}, not ${JSON.stringify(ordinary.value)}`;
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
