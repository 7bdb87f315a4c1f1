import type { InvalidationPlan } from './invalidation-plan.js';
import { RecentEvictions } from './recent-evictions.js';

const planOf = (key: string): InvalidationPlan => ({ keys: [key], patterns: [], tags: [], settleMs: 0, scan: false });

describe('RecentEvictions', () => {
  let now = 0;
  const recentOf = (limit: number): RecentEvictions => new RecentEvictions({ keptForMs: 30_000, limit }, () => now);

  it('keeps what was carried out in the last while', () => {
    const recent = recentOf(10);
    recent.add(planOf('early'));
    now += 20_000;
    recent.add(planOf('late'));
    expect(recent.all()).toEqual([planOf('early'), planOf('late')]);
    now += 10_001;
    expect(recent.all()).toEqual([planOf('late')]);
  });

  it('stands for everything when there was more, until that is long ago', () => {
    const recent = recentOf(2);
    for (let at = 0; at < 5; at += 1) recent.add(planOf(String(at)));
    expect(recent.all()).toEqual(['all']);
    now += 30_001;
    recent.add(planOf('later'));
    expect(recent.all()).toEqual([planOf('later')]);
  });

  it('does not count what is too old to be kept', () => {
    const recent = recentOf(2);
    for (let at = 0; at < 9; at += 1) {
      recent.add(planOf(String(at)));
      now += 20_000;
    }
    expect(recent.all()).toEqual([planOf('8')]);
  });
});
