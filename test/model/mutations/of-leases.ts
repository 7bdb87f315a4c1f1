import type { Stage } from '../stage.js';
import { read } from '../reader.js';
import { TTL_MS } from '../world.js';
import { evict, evictPattern, markStale, pull, set } from '../writers.js';
import type { Mutation } from './mutation.js';

/** A load that began before the eviction ends after it. */
const loadAround = (evicts: (stage: Stage) => void) => async (stage: Stage) => {
  read(stage.world, 'R', stage.one, 'a1');
  await stage.upTo('R', 'fill');
  evicts(stage);
  await stage.finish('W');
  await stage.finish('R');
};

export const mutationsOfLeases: readonly Mutation[] = [
  {
    finding: 'F0',
    mutation: 'an eviction by key leaves the lease',
    replacements: [{ script: 'evict', text: 'end_lease(lease_head .. key)', by: '' }],
    interleaving: loadAround(({ world, other }) => evict(world, 'W', other, 'a1')),
  },
  {
    finding: 'F0',
    mutation: 'a slice leaves the lease',
    replacements: [{ script: 'slice', text: 'end_lease(lease_head .. key)', by: '' }],
    interleaving: loadAround(({ world, other }) => evictPattern(world, 'W', other, 'a*')),
  },
  {
    finding: 'F0',
    mutation: 'pull leaves the lease',
    replacements: [
      {
        script: 'pull',
        text: "redis.call('UNLINK', entry)\nend_lease(lease)",
        by: "redis.call('UNLINK', entry)",
      },
    ],
    interleaving: loadAround(({ world, other }) => pull(world, 'W', other, 'a1')),
  },
  {
    finding: 'F0',
    mutation: 'marking as stale leaves the lease',
    replacements: [{ script: 'markStale', text: "end_lease(lease)\nredis.call('UNLINK', lease)\n", by: '' }],
    interleaving: loadAround(({ world, other }) => markStale(world, 'W', other, 'a1')),
  },
  {
    finding: 'F0',
    mutation: 'a plain set leaves the lease',
    replacements: [
      {
        script: 'set',
        text: 'end\nend_lease(lease)\nif written > 0 then',
        by: 'end\nif written > 0 then',
      },
    ],
    interleaving: loadAround(({ world, other }) => set(world, 'W', other, 'a1')),
  },
  {
    finding: 'F0',
    mutation: 'a fill does not ask whether the lease is still its own',
    replacements: [
      { script: 'fill', text: 'if held_by ~= token then return false end', by: "taken_at = taken_at or '0'" },
    ],
    interleaving: loadAround(({ world, other }) => evict(world, 'W', other, 'a1')),
  },
  {
    finding: 'F7',
    mutation: 'a renewal creates the lease again',
    replacements: [
      {
        script: 'renew',
        text: "if redis.call('HGET', lease, 'token') ~= token then return 0 end",
        by: "redis.call('HSET', lease, 'token', token, 'kind', 'load')",
      },
    ],
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      read(world, 'R', one, 'a1');
      await stage.upTo('R', 'fill');
      await stage.lose('lease', 'a1');
      evict(world, 'W', other, 'a1');
      await stage.finish('W');
      const { key, token } = one.connection.grants[0]!;
      world.schedule.agent('renewal', async () => void (await one.entries.renew(key, token, TTL_MS)));
      await stage.finish('renewal');
      await stage.finish('R');
    },
  },
];
