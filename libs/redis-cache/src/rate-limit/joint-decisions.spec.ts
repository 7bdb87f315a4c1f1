import { AsyncLocalStorage } from 'node:async_hooks';
import type { RedisConnection } from '../core/connection/index.js';
import { JointDecisions } from './joint-decisions.js';
import type { Charge } from './limit-store.js';
import { resolvePolicy } from './rate-limit-policy.js';

const policy = resolvePolicy('policy', { name: 'tried', limit: 5, window: '1m' });
const charge: Charge = { policy, cost: 1, key: 'key', bucket: '', place: 0 };

function decisionsBy(run: () => unknown): { decide: () => Promise<unknown> } {
  const joint = new JointDecisions({ run } as unknown as Pick<RedisConnection, 'run'>, () => 'notes:');
  return { decide: () => joint.decide([charge], { id: joint.nextId(), mode: 'consume' }) };
}

describe('requests that come together', () => {
  it('are sent in the context of none of them, however many they are', async () => {
    const context = new AsyncLocalStorage<number>();
    const seen: unknown[] = [];
    const { decide } = decisionsBy(() => {
      seen.push(context.getStore());
      return Promise.resolve(Array.from({ length: 3 * 64 }, () => 0));
    });
    await Promise.all(Array.from({ length: 100 }, (_, at) => context.run(at, decide)));
    expect(seen).toEqual([undefined, undefined]);
  });

  it('fail, and nothing else does, when the connection throws in place of a rejection', async () => {
    const { decide } = decisionsBy(() => {
      throw new Error('thrown');
    });
    const outcomes = await Promise.allSettled([decide(), decide()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});
