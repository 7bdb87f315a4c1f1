import { setTimeout as pause } from 'node:timers/promises';
import type { INestApplicationContext } from '@nestjs/common';
import { type Duration, RateLimitService, type RateLimitPolicy, RedisConnection } from 'nestjs-redis-cache';
import { eventually } from '../../support/eventually.js';
import { startApp, uniquePrefix } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

const ALGORITHMS = ['sliding-window', 'fixed-window', 'gcra', 'concurrency'] as const;

function policy(given: Partial<RateLimitPolicy> = {}): RateLimitPolicy {
  return { name: 'tried', limit: 3, window: '10m', ...given };
}

describeEachTopology('RateLimitService', ({ connection }) => {
  const keyPrefix = uniquePrefix();
  let app: INestApplicationContext;
  let limits: RateLimitService;
  let subjects = 0;

  const newSubject = (): string => `somebody-${(subjects += 1)}`;

  beforeAll(async () => {
    app = await startApp({ connection, keyPrefix, rateLimit: { timeout: '5s' } });
    limits = app.get(RateLimitService);
    await app.get(RedisConnection).open();
  });
  afterAll(() => app.close());

  /** Of all keys of this test, by the servers. */
  async function keys(): Promise<{ key: string; expiresInMs: number }[]> {
    const found: { key: string; expiresInMs: number }[] = [];
    for (const primary of app.get(RedisConnection).topology.primaries()) {
      for await (const some of primary.scanStream({ match: `${keyPrefix}*` }) as AsyncIterable<string[]>) {
        for (const key of some) found.push({ key, expiresInMs: await primary.pttl(key) });
      }
    }
    return found;
  }

  describe.each(ALGORITHMS)('%s', (algorithm) => {
    const limited = policy({ algorithm });

    it('lets in exactly the limit of many at once', async () => {
      const subject = newSubject();
      const decisions = await Promise.all(
        Array.from({ length: 50 }, () => limits.consume({ policy: policy({ algorithm, limit: 10 }), subject })),
      );
      expect(decisions.filter(({ isAllowed }) => isAllowed)).toHaveLength(10);
      expect(decisions.every(({ decidedBy }) => decidedBy !== 'policy')).toBe(true);
    });

    it('counts what each request costs, and nothing of one that is refused', async () => {
      const charge = { policy: limited, subject: newSubject() };
      expect((await limits.consume({ ...charge, cost: 2 })).limits[0]).toMatchObject({ remaining: 1 });
      expect(await limits.consume({ ...charge, cost: 2 })).toMatchObject({ isAllowed: false, violated: ['tried'] });
      expect(await limits.consume(charge)).toMatchObject({ isAllowed: true });
      expect(await limits.consume({ ...charge, cost: 4 })).toMatchObject({ isAllowed: false });
    });

    it('peeks without counting', async () => {
      const charge = { policy: limited, subject: newSubject() };
      const [untouched] = (await limits.peek(charge)).limits;
      expect(untouched).toMatchObject({ remaining: 3, retryAfterMs: 0 });
      expect(untouched!.nextMs).toBeUndefined();
      for (let time = 0; time < 5; time += 1) await limits.peek(charge);
      expect((await limits.consume(charge)).limits[0]).toMatchObject({ remaining: 2 });
    });

    it('takes back once, and also lets in again who was just refused', async () => {
      const charge = { policy: limited, subject: newSubject() };
      const first = await limits.consume({ ...charge, cost: 2 });
      await limits.consume(charge);
      expect((await limits.consume(charge)).isAllowed).toBe(false);
      await limits.refund(first);
      await limits.refund(first);
      expect((await limits.peek(charge)).limits[0]).toMatchObject({ remaining: 2 });
      expect((await limits.consume(charge)).isAllowed).toBe(true);
    });

    it('forgets all on reset', async () => {
      const charge = { policy: limited, subject: newSubject() };
      await limits.consume({ ...charge, cost: 3 });
      expect((await limits.consume(charge)).isAllowed).toBe(false);
      await limits.reset(charge);
      expect((await limits.consume(charge)).limits[0]).toMatchObject({ remaining: 2 });
    });

    it('a limit of 0 lets nobody in, whatever the burst', async () => {
      const burst = algorithm === 'gcra' ? { burst: 3 } : {};
      const nobody = policy({ algorithm, limit: 0, ...burst });
      const decision = await limits.consume({ policy: nobody, subject: newSubject() });
      expect(decision).toMatchObject({ isAllowed: false, retryAfterMs: 600_000 });
    });

    it('whose limit was lowered tells when a unit is left again, not when the first one is free', async () => {
      const charge = { policy: policy({ algorithm, limit: 5 }), subject: newSubject() };
      for (let time = 0; time < 4; time += 1) {
        await limits.consume(charge);
        await pause(20);
      }
      const [status] = (await limits.peek({ ...charge, policy: policy({ algorithm, limit: 2 }) })).limits;
      expect(status).toMatchObject({ remaining: 0 });
      expect(status!.nextMs).toBe(status!.retryAfterMs);
    });

    it('lets a caller who keeps asking in again when the window has passed', async () => {
      const charge = { policy: policy({ algorithm, limit: 2, window: 300 }), subject: newSubject() };
      const admitted: number[] = [];
      const until = performance.now() + 5_000;
      while (admitted.length < 6 && performance.now() < until) {
        if ((await limits.consume(charge)).isAllowed) admitted.push(performance.now());
        await pause(20);
      }
      expect(admitted).toHaveLength(6);
    });
  });

  it('decides on several limits for all or for none', async () => {
    const subject = newSubject();
    const wide = { policy: policy({ name: 'wide', limit: 10 }), subject };
    const narrow = { policy: policy({ name: 'narrow', limit: 1, algorithm: 'concurrency' }), subject };
    const other = { policy: policy({ name: 'other', limit: 10, algorithm: 'fixed-window' }), subject: newSubject() };
    expect((await limits.consume([wide, narrow, other])).isAllowed).toBe(true);
    for (let time = 0; time < 5; time += 1) {
      expect(await limits.consume([wide, narrow, other])).toMatchObject({ isAllowed: false, violated: ['narrow'] });
    }
    expect((await limits.peek(wide)).limits[0]).toMatchObject({ remaining: 9 });
    expect((await limits.peek(other)).limits[0]).toMatchObject({ remaining: 9 });
  });

  it('never lets in more than the limit when subjects of many slots are counted together', async () => {
    const shared = { policy: policy({ name: 'shared', limit: 20 }), subject: newSubject() };
    const decisions = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        limits.consume([
          shared,
          { policy: policy({ name: 'own', limit: at % 2, algorithm: 'fixed-window' }), subject: newSubject() },
        ]),
      ),
    );
    const allowed = decisions.filter(({ isAllowed }) => isAllowed).length;
    expect(allowed).toBeLessThanOrEqual(20);
    expect((await limits.peek(shared)).limits[0]).toMatchObject({ remaining: 20 - allowed });
  });

  it('leaves no key without an expiry, and keeps no names in keys', async () => {
    // Others round a window of less than a second down to nothing, and the key stays for ever (R5).
    const kinds = ALGORITHMS.flatMap((algorithm) =>
      ['10m', 900, 1_900].flatMap((window) =>
        [5, 200].map((limit) => policy({ algorithm, limit, window: window as Duration, name: 'fuzz' })),
      ),
    );
    const open: Awaited<ReturnType<RateLimitService['consume']>>[] = [];
    for (let turn = 0; turn < 400; turn += 1) {
      const charge = { policy: kinds[turn % kinds.length]!, subject: `fuzz-${turn % 7}`, cost: 1 + (turn % 3) };
      switch (turn % 5) {
        case 3:
          await limits.refund(open[Math.floor(open.length / 2)]!);
          break;
        case 4:
          await (turn % 2 === 0
            ? limits.peek(charge)
            : turn % 35 === 4
              ? limits.reset(charge)
              : limits.refund(open[0]!));
          break;
        default:
          open.push(await limits.consume(charge));
      }
    }
    const found = await keys();
    expect(found.length).toBeGreaterThan(20);
    expect(found.filter(({ expiresInMs }) => expiresInMs === -1)).toEqual([]); // -2: it has ended since it was found
    expect(found.filter(({ key }) => key.includes('fuzz-') || key.includes('somebody'))).toEqual([]);
  });

  it('a late refund makes no key', async () => {
    const policies = ALGORITHMS.flatMap((algorithm) =>
      [3, 200].map((limit) => policy({ algorithm, limit, window: 50, name: 'late' })),
    );
    const charges = policies.map((limited) => ({ policy: limited, subject: newSubject() }));
    const decisions = await Promise.all(charges.map((charge) => limits.consume(charge)));
    const lateKeys = async () => (await keys()).filter(({ key }) => key.includes(':late:'));
    await eventually(async () => expect(await lateKeys()).toEqual([]));
    for (const decision of decisions) await limits.refund(decision);
    expect(await lateKeys()).toEqual([]);
  });

  it.each([
    [{ limit: -1 }, 'policy(tried).limit'],
    [{ limit: 1.5 }, 'policy(tried).limit'],
    [{ window: 0 }, 'policy(tried).window'],
    [{ window: '0.4ms' }, 'policy(tried).window'],
    [{ burst: 5 }, 'policy(tried).burst'],
    [{ algorithm: 'leaky' }, 'policy(tried).algorithm'],
    [{ name: 'a:b' }, 'policy.name'],
    [{ onUnavailable: 'throw' }, 'policy(tried).onUnavailable'],
    [{ max: 5 }, 'policy(tried).max'],
  ])('refuses a policy with %j', async (wrong, option) => {
    const charge = { policy: policy(wrong as never), subject: 's' };
    await expect(limits.consume(charge)).rejects.toMatchObject({ code: 'INVALID_OPTION', option });
  });

  it('refuses charges it cannot count', async () => {
    const charge = { policy: policy(), subject: 's' };
    await expect(limits.consume([])).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    await expect(limits.consume([charge, charge])).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    for (const cost of [-1, 0.5, NaN, Infinity, 2 ** 53, '1']) {
      await expect(limits.consume({ ...charge, cost: cost as number })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
      });
    }
    for (const subject of [undefined, null, 5, {}]) {
      await expect(limits.consume({ ...charge, subject: subject as never })).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        option: 'subject',
      });
    }
  });
});
