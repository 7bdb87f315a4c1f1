import type { Landing, LoadFlight } from '../../../libs/redis-cache/src/cache/load-flight.js';
import { read } from '../reader.js';
import type { Stage } from '../stage.js';
import type { Process } from '../world.js';
import { evict } from '../writers.js';
import type { Mutation } from './mutation.js';

export const mutationsOfFlights: readonly Mutation[] = [
  {
    finding: 'F5',
    mutation: 'a load takes joiners until the reply to its fill',
    mutateClient: closeLate,
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      read(world, 'R1', one, 'a1');
      await stage.upTo('R1', 'fill reply');
      evict(world, 'W', other, 'a1');
      await stage.finish('W');
      read(world, 'R2', one, 'a1');
      await stage.finish('R2');
    },
  },
  {
    finding: 'F5b',
    mutation: 'who joined while the load ran is given a value that was refused',
    mutateClient: ({ namespace }) => alterFlights(namespace, () => ({ hasBegunAfter: () => true })),
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      read(world, 'R1', one, 'a1');
      await stage.upTo('R1', 'load reply');
      evict(world, 'W', other, 'a1');
      await stage.finish('W');
      read(world, 'R2', one, 'a1');
      await stage.finish('R2');
      await stage.finish('R1');
    },
  },
  {
    finding: 'F5',
    mutation: 'joiners are given what the read of another has met',
    mutateClient: ({ namespace }) =>
      alterFlights(namespace, ({ landing }) => ({ landing: shareWhatIsFound(landing, namespace) })),
    interleaving: async (stage) => {
      const { world, one, other } = stage;
      read(world, 'R1', one, 'a1');
      await stage.upTo('R1', 'lease');
      read(world, 'Q', other, 'a1');
      await stage.finish('Q');
      await stage.upTo('R1', 'lease reply');
      evict(world, 'W', other, 'a1');
      await stage.finish('W');
      read(world, 'R2', one, 'a1');
      await stage.finish('R2');
      await stage.finish('R1');
    },
  },
  {
    finding: 'F5b',
    mutation: 'who is out of patience is given a load apart that began before it came',
    mutateClient: ({ namespace }) => alterFlights(namespace, () => ({ hasBegunAfter: () => true }), 'apart'),
    interleaving: async (stage) => {
      await exhaust(stage, 'R1');
      await stage.upTo('R1', 'load reply');
      evict(stage.world, 'W', stage.other, 'a1');
      await stage.finish('W');
      await exhaust(stage, 'R2');
      await stage.finish('R2');
      await stage.finish('R1');
    },
  },
];

/** Somebody waits for two loads in vain: one is refused, and the other has found an entry, which is evicted again. */
async function exhaust(stage: Stage, name: string): Promise<void> {
  const { world, one, other } = stage;
  read(world, `${name} first`, one, 'a1');
  await stage.upTo(`${name} first`, 'load reply');
  read(world, name, one, 'a1');
  await stage.finish(name);
  evict(world, `${name} W1`, other, 'a1');
  await stage.finish(`${name} W1`);
  await stage.finish(`${name} first`);
  read(world, `${name} second`, one, 'a1');
  await stage.upTo(`${name} second`, 'lease');
  read(world, `${name} Q`, other, 'a1');
  await stage.finish(`${name} Q`);
  await stage.upTo(`${name} second`, 'lease reply');
  evict(world, `${name} W2`, other, 'a1');
  await stage.finish(`${name} W2`);
  await stage.finish(name);
  await stage.finish(`${name} second`);
  await stage.upTo(name, 'get reply');
}

/** A flight closes twice: before its fill, and when it has landed. */
function closeLate({ namespace }: Process): void {
  const loads = namespace['loads'];
  const close = loads['close'].bind(loads);
  const asked = new WeakSet<LoadFlight>();
  loads['close'] = (key, flight) => (asked.has(flight) ? close(key, flight) : void asked.add(flight));
}

function alterFlights(
  namespace: Process['namespace'],
  alter: (flight: LoadFlight) => object,
  which: 'flights' | 'apart' = 'flights',
): void {
  const flights = namespace['loads'][which];
  const add = flights.set.bind(flights);
  flights.set = (key, flight) => add(key, Object.assign(flight, alter(flight)));
}

async function shareWhatIsFound(landing: Promise<Landing>, namespace: Process['namespace']): Promise<Landing> {
  const landed = await landing;
  if (landed.kind !== 'found') return landed;
  const { value } = landed.stored;
  return { kind: 'loaded', value, stored: true, encoded: namespace['parts'].codec.encode(value) };
}
