import { invalidateTags } from '../../../libs/redis-cache/src/cache/cache.scripts.js';
import { keysWithTag } from '../../../libs/redis-cache/src/cache/index-walk.js';
import { read } from '../reader.js';
import { SHORT_LOG } from '../mixes.js';
import type { Stage } from '../stage.js';
import { BUCKET, type Process } from '../world.js';
import { evictTag } from '../writers.js';
import type { Mutation } from './mutation.js';

/** A tag is evicted while a value is loaded that will have it; something happens; then the value arrives. */
const loadAroundTag = (then: (stage: Stage) => Promise<void>) => async (stage: Stage) => {
  read(stage.world, 'R', stage.one, 'a1');
  await stage.upTo('R', 'fill');
  evictTag(stage.world, 'W', stage.other, 'X');
  await stage.finish('W');
  await then(stage);
  await stage.finish('R');
};

export const mutationsOfTheTagLog: readonly Mutation[] = [
  {
    finding: 'F1',
    mutation: 'a fill does not look into the tag log',
    tagging: 'from-value',
    replacements: [{ script: 'fill', text: "(tags ~= '' or index_ttl == 0) and is_outdated()", by: 'false' }],
    interleaving: loadAroundTag(async () => undefined),
  },
  {
    finding: 'F1',
    mutation: 'a lost tag log is no reason to refuse a fill',
    tagging: 'from-value',
    replacements: [{ script: 'fill', text: 'if not floor or', by: 'if not floor then return false end\n  if' }],
    interleaving: loadAroundTag((stage) => stage.lose('log')),
  },
  {
    finding: 'F1',
    mutation: 'a fill does not look at the floor of the log',
    tagging: 'from-value',
    circumstances: [SHORT_LOG],
    replacements: [{ script: 'fill', text: 'if tonumber(floor) > counter then return true end', by: '' }],
    interleaving: loadAroundTag(async (stage) => {
      evictTag(stage.world, 'V', stage.other, 'Y'); // whose note takes the place of that of X
      await stage.finish('V');
    }),
  },
  {
    finding: 'F1',
    mutation: 'a fill does not compare the epochs of the log',
    tagging: 'from-value',
    circumstances: [
      { script: 'lease', text: 'time[1] * 1000000 + time[2]', by: '1000000' }, // the server's clock was set back
      { script: 'invalidateTags', text: 'time[1] * 1000000 + time[2]', by: '1000000' },
    ],
    replacements: [{ script: 'fill', text: " or redis.call('ZSCORE', log, '\\0e') ~= held[2]", by: '' }],
    interleaving: loadAroundTag(async (stage) => {
      await stage.lose('log');
      read(stage.world, 'Q', stage.other, 'b1');
      await stage.finish('Q');
    }),
  },
  {
    finding: 'F1',
    mutation: 'the note in the log comes after the slices',
    tagging: 'from-value',
    mutateClient: noteAfterSlices,
    interleaving: async (stage) => {
      read(stage.world, 'R', stage.one, 'a1');
      await stage.upTo('R', 'fill');
      evictTag(stage.world, 'W', stage.other, 'X');
      await stage.upTo('W', 'invalidateTags');
      await stage.finish('R');
      await stage.finish('W');
    },
  },
];

function noteAfterSlices({ namespace, connection }: Process): void {
  namespace['deliveries']['parts'].invalidation['evictTags'] = async (tags, settleMs) => {
    for (const tag of tags)
      await namespace['deliveries']['parts'].invalidation['parts'].walk!.evictRange(keysWithTag(tag));
    await connection.run(invalidateTags, { log: BUCKET.log }, { epoch: 1, tags: tags.join('\0'), settleMs });
    return 0;
  };
}
