import { jest } from '@jest/globals';
import { CommandTimeoutError, type Recovery } from '../core/connection/index.js';
import { InvalidOptionError } from '../core/common/index.js';
import type { CacheReports } from './cache-reports.js';
import { Deliveries, type OnUndelivered } from './deliveries.js';
import { type coverageOf, type InvalidationPlan } from './invalidation-plan.js';
import type { Invalidation } from './invalidation.js';

type DeliveryParts = ConstructorParameters<typeof Deliveries>[0];
type Run = (plan: InvalidationPlan | 'all') => Promise<number>;

const RETRY_MS = 1_000;
const JOURNAL_LIMIT = 10_000;

const away = (): Promise<never> => Promise.reject(new CommandTimeoutError('here', 1_000));

function planOf(part: Partial<InvalidationPlan>): InvalidationPlan {
  return { keys: [], patterns: [], tags: [], settleMs: 0, scan: false, ...part };
}

/** Deliveries to two servers, and all that they do, in order. Keys that begin with b belong to the second. */
class Stage {
  readonly steps: string[] = [];
  readonly run = jest.fn<Run>(async () => 1);
  private restore: (recovery: Recovery) => Promise<void> = away;
  readonly deliveries: Deliveries;

  constructor(onUndelivered: OnUndelivered = 'journal') {
    const serverOf = (key: string): string => (key.startsWith('b') ? 'second' : 'first');
    const parts = {
      name: 'products',
      keys: { bucketOf: (key: string) => ({ entryHead: key }) },
      connection: {
        guarded: { serverOf, lifeOf: () => ({ runId: 'a1', startedAtMs: 5_000 }) },
        servers: { state: 'closed', beforeUse: (restore: typeof this.restore) => void (this.restore = restore) },
      },
      invalidation: this.invalidation('sent'),
      redelivery: this.invalidation('sent before use'),
      reports: {
        undelivered: () => this.steps.push('told'),
        journal: ({ pending }: { pending: number }) => this.steps.push(`journal ${pending}`),
      } as Partial<CacheReports>,
      onUndelivered,
      detach: ({ keys }: ReturnType<typeof coverageOf>) =>
        this.steps.push(keys === undefined ? 'detach' : `detach ${[...keys].join()}`),
    };
    this.deliveries = new Deliveries(parts as unknown as DeliveryParts);
  }

  beforeUse(server: string, isAnotherLife: boolean): Promise<void> {
    return this.restore({ server, isAnotherLife });
  }

  evict(...keys: string[]): ReturnType<Deliveries['carryOut']> {
    return this.deliveries.carryOut(planOf({ keys }));
  }

  private invalidation(verb: string): Invalidation {
    const carryOut = async (plan: InvalidationPlan | 'all') => {
      this.steps.push(plan === 'all' ? `${verb} all` : `${verb} ${[...plan.keys, ...plan.tags].join()}`);
      const removed = await this.run(plan);
      this.steps.push('answered');
      return { removed };
    };
    return { run: carryOut, clear: () => carryOut('all') } as unknown as Invalidation;
  }
}

describe('Deliveries', () => {
  beforeEach(() => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask'] }));
  afterEach(() => void jest.useRealTimers());

  it('detach what is under way when an eviction is called, and again when it is acknowledged', async () => {
    const { deliveries, steps } = new Stage();
    expect(await deliveries.carryOut(planOf({ keys: ['a'] }))).toEqual({ removed: 1, delivered: true });
    expect(steps).toEqual(['detach a', 'sent a', 'answered', 'detach a']);
  });

  it('detach again when an eviction was not heard, and when it has been repeated before a server is used', async () => {
    const stage = new Stage();
    stage.run.mockImplementationOnce(away);
    expect(await stage.evict('a')).toEqual({ removed: 0, delivered: false });
    expect(stage.steps.slice(0, 3)).toEqual(['detach a', 'sent a', 'detach a']);
    stage.steps.length = 0;
    await stage.beforeUse('first', false);
    expect(stage.steps).toEqual(['sent before use a', 'answered', 'detach a', 'journal 0']);
  });

  it('detach an eviction that nobody waits for, when it is noted and when it has been carried out', async () => {
    const { deliveries, steps } = new Stage();
    deliveries.evictLater('a');
    expect(steps).toEqual(['detach a', 'journal 1']);
    await jest.advanceTimersByTimeAsync(0);
    expect(steps.slice(2)).toEqual(['sent a', 'answered', 'detach a', 'journal 0']);
  });

  it('repeat what was not heard once a second, together, until it is; then no more', async () => {
    const stage = new Stage();
    stage.run.mockImplementation(away);
    await Promise.all([stage.evict('a'), stage.evict('c')]);
    await jest.advanceTimersByTimeAsync(3 * RETRY_MS);
    expect(stage.steps.filter((step) => step.startsWith('sent'))).toEqual([
      ...['sent a', 'sent c'],
      ...['sent a,c', 'sent a,c', 'sent a,c'],
    ]);
    expect(stage.deliveries.awaits('a')).toBe(true);
    stage.run.mockImplementation(async () => 1);
    await jest.advanceTimersByTimeAsync(3 * RETRY_MS);
    expect(stage.run).toHaveBeenCalledTimes(6);
    expect(stage.deliveries.awaits('a')).toBe(false);
    expect(stage.steps.filter((step) => step.startsWith('journal'))).toEqual(['journal 1', 'journal 0']);
  });

  it('repeat what was not heard however often something else is not heard meanwhile', async () => {
    const stage = new Stage();
    stage.run.mockImplementation(away);
    for (const key of ['a', 'c', 'd', 'e']) {
      await stage.evict(key);
      await jest.advanceTimersByTimeAsync(RETRY_MS / 2);
    }
    expect(stage.steps.filter((step) => step.startsWith('sent'))).toEqual([
      ...['sent a', 'sent c', 'sent a,c', 'sent d', 'sent e', 'sent a,c,d,e'],
    ]);
  });

  it.each<[OnUndelivered, object]>([
    ['journal', { status: 'fulfilled', value: { removed: 0, delivered: false } }],
    ['throw', { status: 'rejected', reason: { code: 'UNDELIVERED_EVICTION', namespace: 'products' } }],
  ])("tell of an eviction that was not heard, and keep it, with '%s' too", async (onUndelivered, outcome) => {
    const stage = new Stage(onUndelivered);
    stage.run.mockImplementationOnce(away);
    expect(await Promise.allSettled([stage.evict('a')])).toMatchObject([outcome]);
    expect(stage.steps).toContain('told');
    expect(stage.deliveries.awaits('a')).toBe(true);
    expect(stage.deliveries.health).toEqual({
      ...{ status: 'degraded', breaker: 'closed' },
      journal: { pending: 1, coversAll: false },
    });
  });

  it('keep only the keys of the servers that have not heard', async () => {
    const stage = new Stage();
    stage.run.mockImplementation((plan) => (plan !== 'all' && plan.keys.includes('b') ? away() : Promise.resolve(2)));
    expect(await stage.evict('a', 'b')).toEqual({ removed: 2, delivered: false });
    expect(['a', 'b'].filter((key) => stage.deliveries.awaits(key))).toEqual(['b']);
  });

  it('keep nothing of what was asked wrongly', async () => {
    const stage = new Stage();
    stage.run.mockImplementationOnce(() => Promise.reject(new InvalidOptionError('keys', 'are wrong.')));
    await expect(stage.evict('a')).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(stage.deliveries.awaits('a')).toBe(false);
  });

  it('bypass the whole namespace when more is to be kept than there is room for, until it has been cleared', async () => {
    const stage = new Stage();
    stage.run.mockImplementation(away);
    await stage.evict(...Array.from({ length: JOURNAL_LIMIT }, (_, at) => `key ${at}`));
    expect(stage.deliveries.awaits('another')).toBe(false);
    await stage.evict('one more');
    expect(stage.deliveries.awaits('another')).toBe(true);
    expect(stage.deliveries.health.journal).toEqual({ pending: 1, coversAll: true });
    await jest.advanceTimersByTimeAsync(RETRY_MS);
    expect(stage.deliveries.awaits('another')).toBe(true);

    stage.steps.length = 0;
    stage.run.mockImplementation(async () => 1);
    await jest.advanceTimersByTimeAsync(RETRY_MS);
    expect(stage.steps).toEqual(['sent all', 'answered', 'detach', 'journal 0']);
    expect(stage.deliveries.awaits('another')).toBe(false);
  });

  it('repeat what was delivered a moment ago to a server that has begun another life, each its own keys', async () => {
    const stage = new Stage();
    await stage.evict('a', 'b');
    stage.steps.length = 0;
    await stage.beforeUse('first', false);
    expect(stage.steps).toEqual([]);
    await stage.beforeUse('first', true);
    expect(stage.steps.filter((step) => step.startsWith('sent'))).toEqual(['sent before use a']);
    expect(stage.deliveries.health.journal.pending).toBe(0); // nothing is known of the other server
  });

  it('say of what is older than its server that it is outdated', () => {
    const { deliveries } = new Stage();
    const writtenAt = (createdAtMs: number) => ({ value: 1, envelope: { createdAtMs } }) as never;
    expect(deliveries.isOutdated('a', writtenAt(4_999))).toBe(true);
    expect(deliveries.isOutdated('a', writtenAt(5_000))).toBe(false);
    expect(deliveries.isOutdated('a', { envelope: undefined })).toBe(false);
  });

  it('end with the application, and say what is lost', async () => {
    const stage = new Stage();
    stage.run.mockImplementation(away);
    await stage.evict('a', 'c');
    expect(stage.deliveries.stop()).toBe(2);
    stage.deliveries.evictLater('d');
    await jest.advanceTimersByTimeAsync(10 * RETRY_MS);
    expect(stage.run).toHaveBeenCalledTimes(1);
  });
});
