import type { INestApplicationContext } from '@nestjs/common';
import { CacheService } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { FAULTS, type FaultOfServer, FaultyServer } from './faults.js';
import { misfit, type Operation, OPERATIONS } from './operations.js';

const COMMAND_TIMEOUT = '300ms';
/** No call comes near to it, be the machine ever so busy; one that hangs does. */
const HANGS_MS = 12_000;

const rounds = process.env.TEST_SCALE === 'long' ? 5 : 1;

describe.each(FAULTS)('while a server suffers from "$name"', (fault) => {
  const rejections: unknown[] = [];
  const note = (reason: unknown): void => void rejections.push(reason);
  let server: FaultyServer;
  let app: INestApplicationContext;
  let cache: CacheService;
  /** Of another application: what is cleared there is not what is evicted here. */
  let cleared: INestApplicationContext;
  const keyPrefix = uniquePrefix();
  const keyPrefixOfCleared = uniquePrefix();

  beforeAll(async () => {
    process.on('unhandledRejection', note);
    server = await FaultyServer.start();
    const url = `redis://127.0.0.1:${server.proxy.port}`;
    app = await startApp({ connection: { url, commandTimeout: COMMAND_TIMEOUT }, keyPrefix });
    cache = app.get(CacheService);
    cleared = await startApp({
      connection: { url, commandTimeout: COMMAND_TIMEOUT },
      keyPrefix: keyPrefixOfCleared,
      cache: { namespaces: { other: {} } },
    });
  });
  afterAll(async () => {
    await app.close();
    await cleared.close();
    await server.stop();
    process.off('unhandledRejection', note);
  });

  it('every operation ends as documented, and no eviction is missing when it is over', async () => {
    for (let round = 0; round < rounds; round += 1) {
      await fill();
      await fault.begin(server);
      const settled = await Promise.all(OPERATIONS.map((operation) => outcomeOf(operation)));
      expect(problemsOf(fault, settled)).toEqual([]);
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
    }
    expect(rejections).toEqual([]);
  }, 60_000);

  async function fill(): Promise<void> {
    await eventually(async () => {
      await cleared.get(CacheService).namespace('other').set('key', 'old');
      for (const { name } of OPERATIONS) await cache.set(name, 'old', { tags: [name] });
    });
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
    const evicted = OPERATIONS.filter(({ evicts }, at) => evicts && settled[at]!.status === 'fulfilled');
    expect(evicted.length).toBeGreaterThan(5);
    const there = await Promise.all(
      evicted.map(({ name }) => server.admin.exists(`${keyPrefix}:cache:default:${name}`)),
    );
    return evicted.filter((_, at) => there[at] === 1).map(({ name }) => name);
  }
});

function canEvict({ situation }: FaultOfServer): boolean {
  return situation === undefined || situation === 'full';
}

function problemsOf({ situation }: FaultOfServer, settled: readonly PromiseSettledResult<unknown>[]): string[] {
  return OPERATIONS.flatMap(({ name, outcomes }, at) => {
    const outcome = settled[at]!;
    if (situation !== undefined) {
      const problem = misfit(outcome, outcomes[situation]);
      return problem === undefined ? [] : [`${name}: ${problem}`];
    }
    return outcome.status === 'rejected' ? [`${name}: ${String(outcome.reason)}`] : [];
  });
}
