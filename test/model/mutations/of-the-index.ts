import { read } from '../reader.js';
import type { Process } from '../world.js';
import { evictPattern, evictTag } from '../writers.js';
import type { Mutation } from './mutation.js';
import { scanEntriesFirst } from './scan-order.js';

const LISTS_ITSELF = "redis.call('ZADD', index, 0, 'k' .. key)";
const SAMPLES_ALL = {
  script: 'fill',
  text: 'MEMBERS_SAMPLED_PER_WRITTEN = 2',
  by: 'MEMBERS_SAMPLED_PER_WRITTEN = 99',
} as const;

export const mutationsOfTheIndex: readonly Mutation[] = [
  {
    finding: 'F2',
    mutation: 'a rebuild does not know the tags of entries',
    tagging: 'from-value',
    filled: ['a1'],
    replacements: [
      { script: 'rebuildList', text: 'index_ttl, key, tags_of(entry_head .. key))', by: "index_ttl, key, '')" },
    ],
    interleaving: async (stage) => {
      await stage.lose('index');
      evictTag(stage.world, 'W', stage.one, 'X');
      await stage.finish('W');
    },
  },
  {
    finding: 'F3a',
    mutation: 'who finds no index begins one that counts as complete',
    filled: ['a1'],
    replacements: [
      {
        script: 'lease',
        text: LISTS_ITSELF,
        by: `if redis.call('EXISTS', index) == 0 then redis.call('ZADD', index, 0, COMPLETE) end\n  ${LISTS_ITSELF}`,
      },
    ],
    interleaving: async (stage) => {
      await stage.lose('index');
      read(stage.world, 'R', stage.one, 'b1');
      await stage.finish('R');
      evictPattern(stage.world, 'W', stage.one, 'a*');
      await stage.finish('W');
    },
  },
  {
    finding: 'F3b',
    mutation: 'only the first slice asks whether the index is complete',
    filled: ['a1', 'a2'],
    replacements: [
      {
        script: 'slice',
        text: "if not redis.call('ZSCORE', index, COMPLETE) then",
        by: "if string.sub(from, 1, 1) == '[' and not redis.call('ZSCORE', index, COMPLETE) then",
      },
    ],
    interleaving: async (stage) => {
      evictPattern(stage.world, 'W', stage.one, 'a*');
      await stage.upTo('W', 'slice reply');
      await stage.lose('index');
      await stage.finish('W');
    },
  },
  {
    finding: 'F3c',
    mutation: 'a scan removes what it meets, and the walk does not start again',
    replacements: [
      {
        script: 'rebuildList',
        text: 'add_to_index(index, index_ttl, key, tags_of(entry_head .. key))',
        by: "redis.call('UNLINK', entry_head .. key, lease_head .. key)",
      },
    ],
    mutateClient: endWithTheRebuild,
    interleaving: async (stage) => {
      scanEntriesFirst(stage.other);
      read(stage.world, 'R', stage.one, 'a1');
      await stage.upTo('R', 'fill');
      await stage.lose('index');
      evictPattern(stage.world, 'W', stage.other, 'a*');
      await stage.upTo('W', 'scan', 'cache-lease:');
      await stage.finish('R'); // its lease ends before the scan gets there; its entry begins where the scan has been
      await stage.finish('W');
    },
  },
  {
    finding: 'F3d',
    mutation: 'the end of a rebuild does not look for the mark of its beginning',
    filled: ['a1'],
    replacements: [
      { script: 'rebuildEnd', text: "if not redis.call('ZSCORE', index, marker) then return 0 end", by: '' },
    ],
    interleaving: async (stage) => {
      await stage.lose('index');
      evictPattern(stage.world, 'W', stage.one, 'a*');
      await stage.upTo('W', 'rebuildEnd');
      await stage.lose('index');
      await stage.finish('W');
    },
  },
  {
    finding: 'F3e',
    mutation: 'a rebuild does not list leases',
    replacements: [
      {
        script: 'rebuildList',
        text: "redis.call('EXISTS', entry_head .. key, lease_head .. key)",
        by: "redis.call('EXISTS', entry_head .. key)",
      },
    ],
    interleaving: async (stage) => {
      read(stage.world, 'R', stage.one, 'a1');
      await stage.upTo('R', 'fill');
      await stage.lose('index');
      evictPattern(stage.world, 'W', stage.other, 'a*');
      await stage.finish('W');
      await stage.finish('R');
    },
  },
  {
    finding: 'F4',
    mutation: 'the sampler takes a member for dead whose lease is held',
    circumstances: [SAMPLES_ALL],
    replacements: [
      {
        script: 'fill',
        text: "return redis.call('EXISTS', entry_head .. key, lease_head .. key) == 0",
        by: "return redis.call('EXISTS', entry_head .. key) == 0",
      },
    ],
    interleaving: async (stage) => {
      read(stage.world, 'R', stage.one, 'a1');
      await stage.upTo('R', 'fill');
      read(stage.world, 'Q', stage.one, 'b1');
      await stage.finish('Q');
      evictPattern(stage.world, 'W', stage.other, 'a*');
      await stage.finish('W');
      await stage.finish('R');
    },
  },
  {
    finding: 'F4',
    mutation: 'the sampler takes a tag for dead that the entry has',
    tagging: 'from-value',
    filled: ['a1'],
    circumstances: [SAMPLES_ALL],
    replacements: [{ script: 'fill', text: 'if tag == member_tag then return false end', by: '' }],
    interleaving: async (stage) => {
      read(stage.world, 'Q', stage.one, 'b1');
      await stage.finish('Q');
      evictTag(stage.world, 'W', stage.other, 'X');
      await stage.finish('W');
    },
  },
];

function endWithTheRebuild({ namespace }: Process): void {
  const walk = namespace['deliveries']['parts'].invalidation['parts'].walk!;
  walk['evictRangeIn'] = async (bucket, { from, to }) => {
    for (let rest: Buffer | undefined = from; rest !== undefined;) {
      const slice = await walk['slice'](bucket, { from: rest, to }, 'evict');
      if (slice === undefined) return namespace['rebuild']!.run().then(() => 0);
      rest = slice.last && Buffer.concat([Buffer.from('('), slice.last]);
    }
    return 0;
  };
}
