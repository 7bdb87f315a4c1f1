import fc from 'fast-check';
import type { StoredValue } from '../core/codec/index.js';
import { Pattern } from '../core/keys/index.js';
import { EvictionJournal } from './eviction-journal.js';
import type { InvalidationPlan } from './invalidation-plan.js';

const KEYS = ['a1', 'a2', 'b1', 'b2'];
const TAGS = ['x', 'y'];

function planOf(part: Partial<InvalidationPlan>): InvalidationPlan {
  return { keys: [], patterns: [], tags: [], settleMs: 0, scan: false, ...part };
}

function valueWith(tags: readonly string[]): StoredValue {
  return { value: 1, envelope: { tags } as NonNullable<StoredValue['envelope']> };
}

describe('EvictionJournal', () => {
  it('covers what waits, and only that', () => {
    const journal = new EvictionJournal(100);
    journal.add(planOf({ keys: ['a1'], patterns: [Pattern.parse('b*')], tags: ['x'] }));
    expect(KEYS.filter((key) => journal.covers(key))).toEqual(['a1', 'b1', 'b2']);
    expect(journal.covers('a2', valueWith(['x']))).toBe(true);
    expect(journal.covers('a2', valueWith(['y']))).toBe(false);
    expect([journal.pending, journal.hasTags, journal.coversAll]).toEqual([3, true, false]);
  });

  it('keeps what was noted again while it was being carried out', () => {
    const journal = new EvictionJournal(100);
    journal.add(planOf({ keys: ['a1', 'a2'] }));
    const { plans, moment } = journal.redelivery();
    journal.add(planOf({ keys: ['a2'] }));
    for (const plan of plans) journal.settle(plan, moment);
    expect(KEYS.filter((key) => journal.covers(key))).toEqual(['a2']);
  });

  it('evicts everything when there is more than it remembers', () => {
    const journal = new EvictionJournal(3);
    journal.add(planOf({ keys: KEYS }));
    expect([journal.coversAll, journal.covers('any')]).toEqual([true, true]);
    const { plans, moment } = journal.redelivery();
    expect(plans).toEqual(['all']);
    for (const plan of plans) journal.settle(plan, moment);
    expect([journal.coversAll, journal.pending, journal.covers('any')]).toEqual([false, 0, false]);
  });

  it('gives the keys of one server, with all patterns and tags', () => {
    const journal = new EvictionJournal(100);
    journal.add(planOf({ keys: ['a1', 'b1'], tags: ['x'] }));
    const { plans } = journal.redelivery((key) => key.startsWith('a'));
    expect(plans).toEqual([planOf({ keys: ['a1'] }), planOf({ tags: ['x'] })]);
  });

  it('keeps the longest time to settle, and looks by SCAN for what was to be found by SCAN', () => {
    const journal = new EvictionJournal(100);
    journal.add(planOf({ keys: ['a1'], settleMs: 500 }));
    journal.add(planOf({ keys: ['a2'], settleMs: 100 }));
    const pattern = Pattern.parse('b*');
    journal.add(planOf({ patterns: [pattern], scan: true }));
    expect(journal.redelivery().plans).toEqual([
      planOf({ keys: ['a1', 'a2'], settleMs: 500 }),
      planOf({ patterns: [pattern], scan: true }),
    ]);
    const { plans, moment } = journal.redelivery();
    for (const plan of plans) journal.settle(plan, moment);
    journal.add(planOf({ keys: ['a1'] }));
    expect(journal.redelivery().plans).toEqual([planOf({ keys: ['a1'] })]);
  });

  it('covers an eviction from when it is noted until one after it is carried out, in whatever order', () => {
    type Step = InvalidationPlan | 'all' | 'begin' | 'deliver';
    const plan = fc
      .record({ keys: fc.subarray(KEYS), tags: fc.subarray(TAGS), patterns: fc.subarray(['a*', 'b?']) })
      .map(({ patterns, ...rest }) => planOf({ ...rest, patterns: patterns.map((text) => Pattern.parse(text)) }));
    const step: fc.Arbitrary<Step> = fc.oneof(
      plan,
      fc.constantFrom('all' as const, 'begin' as const, 'deliver' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), (steps, limit) => {
        const journal = new EvictionJournal(limit);
        let open: (InvalidationPlan | 'all')[] = [];
        let begun: { redelivery: ReturnType<EvictionJournal['redelivery']>; count: number } | undefined;
        for (const each of steps) {
          if (each === 'begin') begun = { redelivery: journal.redelivery(), count: open.length };
          else if (each === 'deliver') {
            const { redelivery, count } = begun ?? { redelivery: journal.redelivery(), count: open.length };
            for (const delivered of redelivery.plans) journal.settle(delivered, redelivery.moment);
            open = open.slice(count);
            begun = undefined;
          } else {
            journal.add(each);
            open.push(each);
          }
          const mustCover = (key: string): boolean =>
            open.some(
              (one) => one === 'all' || one.keys.includes(key) || one.patterns.some((glob) => glob.matches(key)),
            );
          for (const key of KEYS) if (mustCover(key)) expect(journal.covers(key)).toBe(true);
          for (const tag of TAGS) {
            const isOpen = open.some((one) => one === 'all' || one.tags.includes(tag));
            if (isOpen) expect(journal.covers('other', valueWith([tag]))).toBe(true);
          }
          if (open.length === 0) expect(journal.pending).toBe(0);
        }
      }),
    );
  });
});
