import type { INestApplicationContext } from '@nestjs/common';
import { CacheService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { untilCoherent } from '../../support/until-coherent.js';
import { FAULTS, type FaultOfServer, FaultyServer } from './faults.js';
import { difference, misfit, type Operation, OPERATIONS } from './operations.js';

/** No call comes near to it, be the machine ever so busy; one that hangs does. */
const HANGS_MS = 12_000;
/** A key that is evicted while all is well. */
const EVICTED_BEFORE = 'evicted before';

const rounds = process.env.TEST_SCALE === 'long' ? 5 : 1;

// A rejection that nobody handles fails the test in which it happens: the runner sees to that.
describe.each(FAULTS)('while a server suffers from "$name"', (fault) => {
  let server: FaultyServer;
  let app: INestApplicationContext;
  let cache: CacheService;
  /** Of another application: what is cleared there is not what is evicted here. */
  let cleared: INestApplicationContext;
  /** Where the server answers, nothing may be late because this machine is busy. */
  const commandTimeout = canEvict(fault) ? '5s' : '300ms';
  const keyPrefix = uniquePrefix();
  const keyPrefixOfCleared = uniquePrefix();

  beforeAll(async () => {
    server = await FaultyServer.start();
    const url = `redis://127.0.0.1:${server.proxy.port}`;
    app = await startApp({ connection: { url, commandTimeout }, keyPrefix });
    cache = app.get(CacheService);
    cleared = await startApp({
      connection: { url, commandTimeout },
      keyPrefix: keyPrefixOfCleared,
      cache: { namespaces: { other: { l1: true } } },
    });
  });
  afterAll(async () => {
    await app.close();
    await cleared.close();
    await server.stop();
  });

  it('every operation ends as documented, and no eviction is missing when it is over', async () => {
    await fill();
    const ordinary = await outcomes();
    for (let round = 0; round < rounds; round += 1) {
      await fill();
      await untilCoherent(cleared.get(CacheService).namespace('other'));
      await fault.prepare?.(server);
      expect(await cache.invalidate({ keys: [EVICTED_BEFORE] })).toEqual({ removed: 1, delivered: true });
      const underWay = await loadUnderWay();
      await fault.begin(server);
      const settled = await outcomes();
      underWay.finish();
      expect(await underWay.loaded).toBe('loaded');
      expect(problemsOf(fault, { settled, ordinary })).toEqual([]);
      expect((await cleared.get(CacheService).clearAll()).delivered).toBe(canEvict(fault));
      await fault.end(server);
      await eventually(() => expect(cache.health()).toMatchObject({ status: 'up', journal: { pending: 0 } }), {
        withinMs: 15_000,
      });
      expect(await leftBehind(settled)).toEqual([]);
      await eventually(async () => expect(await server.admin.exists(`${keyPrefixOfCleared}:cache:other:key`)).toBe(0), {
        withinMs: 15_000,
      });
      expect(await cache.isHealthy()).toBe(true);
      await untilCoherent(cleared.get(CacheService).namespace('other'));
    }
  }, 60_000);

  async function fill(): Promise<void> {
    await eventually(async () => {
      await cache.clear(); // of counters too
      await cleared.get(CacheService).namespace('other').set('key', 'old');
      await cache.set(EVICTED_BEFORE, 'old');
      for (const { name } of OPERATIONS) await cache.set(name, 'old', { tags: [name] });
    });
  }

  /** A load that has its lease, and goes on when Redis may no longer be there to take what it brings. */
  async function loadUnderWay(): Promise<{ readonly loaded: Promise<string>; readonly finish: () => void }> {
    let finish: (() => void) | undefined;
    const load = (): Promise<string> => new Promise((resolve) => (finish = () => resolve('loaded')));
    const loaded = cache.getOrSet('under way', load, { fresh: true });
    await eventually(() => expect(finish).toBeDefined());
    return { loaded, finish: finish! };
  }

  function outcomes(): Promise<PromiseSettledResult<unknown>[]> {
    return Promise.all(OPERATIONS.map((operation) => outcomeOf(operation)));
  }

  async function outcomeOf({ call, name }: Operation): Promise<PromiseSettledResult<unknown>> {
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${name} hangs`)), HANGS_MS);
    });
    const [settled] = await Promise.allSettled([Promise.race([call(cache, name), hangs])]);
    clearTimeout(timer);
    return settled;
  }

  /** Asked past the cache, as another process would find it. */
  async function leftBehind(settled: readonly PromiseSettledResult<unknown>[]): Promise<string[]> {
    const resolved = OPERATIONS.filter(({ evicts }, at) => evicts && settled[at]!.status === 'fulfilled');
    expect(resolved.length).toBeGreaterThan(5);
    const evicted = [EVICTED_BEFORE, ...resolved.map(({ name }) => name)];
    const there = await Promise.all(evicted.map((key) => server.admin.exists(`${keyPrefix}:cache:default:${key}`)));
    return evicted.filter((_, at) => there[at] === 1);
  }
});

function canEvict({ situation }: FaultOfServer): boolean {
  return situation === undefined || situation === 'full';
}

interface Outcomes {
  readonly settled: readonly PromiseSettledResult<unknown>[];
  readonly ordinary: readonly PromiseSettledResult<unknown>[];
}

function problemsOf({ situation }: FaultOfServer, { settled, ordinary }: Outcomes): string[] {
  return OPERATIONS.flatMap(({ name, outcomes }, at) => {
    const outcome = settled[at]!;
    const problem = situation === undefined ? difference(outcome, ordinary[at]!) : misfit(outcome, outcomes[situation]);
    return problem === undefined ? [] : [`${name}: ${problem}`];
  });
}
