import type { Row } from '../database.js';
import type { Stage } from '../stage.js';
import { write } from '../writers.js';
import type { Mutation } from './mutation.js';

/**
 * A row is written and evicted with time to settle; then it is loaded from a replica that lags behind. Who loads may get
 * what was; the cache must not keep it.
 */
const loadFromLaggingReplica = (target: { keys: string[] } | { tags: string[] }) => async (stage: Stage) => {
  const { world, one, other } = stage;
  const replicated: Row = world.database.read('a1');
  world.schedule.agent('W', async () => {
    const version = await write(world, ['a1']);
    await other.namespace.invalidate(target, { settle: '1m' });
    world.database.acknowledge(['a1'], version);
  });
  await stage.finish('W');
  world.schedule.agent('R', async () => {
    await one.namespace.load('a1', { ...world.requestFor('a1'), load: () => replicated }, 'missed');
  });
  await stage.finish('R');
};

const FILL_DOES_NOT_ASK = {
  script: 'fill',
  text: 'was_settling(log, key, tags, tonumber(taken_at))',
  by: 'false',
} as const;

export const mutationsOfSettling: readonly Mutation[] = [
  {
    finding: 'S6',
    mutation: 'what is loaded while its key settles is stored',
    replacements: [
      FILL_DOES_NOT_ASK,
      { script: 'lease', text: 'if was_settling(log, key, tags, now_ms()) then', by: 'if false then' },
    ],
    interleaving: loadFromLaggingReplica({ keys: ['a1'] }),
  },
  {
    finding: 'S6',
    mutation: 'what is loaded while a tag settles that it turns out to have is stored',
    tagging: 'from-value',
    replacements: [FILL_DOES_NOT_ASK],
    interleaving: loadFromLaggingReplica({ tags: ['X'] }),
  },
];
