import { CATEGORIES, KEYS } from './database.js';
import { environment } from './environment.js';
import type { Mix, Write } from './mixes.js';
import type { Random } from './random.js';
import { read, refresh, reload } from './reader.js';
import type { Process, World } from './world.js';
import { clear, evict, evictPattern, evictTag, markStale, move, pull, put, set } from './writers.js';

const MOST_TURNS = 2_000;

/** Plays one schedule: everybody of the mix, each turn given to whom the random numbers say. */
export async function play(world: World, mix: Mix, random: Random): Promise<void> {
  if (mix.filledBefore === true) await world.fill(...KEYS);
  if (mix.losses === true) loseSome(world, random);
  enter(world, mix, random);
  world.schedule.begin();
  await giveTurns(world, random);
  for (const { connection } of world.processes) connection.loss = () => 'none';
  await world.checkWhatIsCached();
  await world.checkThatEverythingCanBeEvicted(random.oneOf(['tags', 'patterns']));
}

function enter(world: World, mix: Mix, random: Random): void {
  const anyProcess = () => (mix.narrow === true ? world.processes[0] : random.oneOf(world.processes));
  const anyKey = () => (mix.narrow === true ? KEYS[0] : random.oneOf(KEYS));
  world.schedule.begin();
  for (let number = 0; number < mix.readers; number += 1) {
    const [process, key] = [anyProcess(), anyKey()];
    const onHit = () => random.below(2) === 0 && refresh(world, `refresh of R${number}`, process, key);
    if (mix.refreshes === true && random.below(5) === 0) reload(world, `R${number}`, process, key);
    else read(world, `R${number}`, process, key, mix.refreshes === true ? onHit : undefined);
  }
  for (let number = 0; number < mix.writers; number += 1) {
    const about = { process: anyProcess(), key: anyKey(), category: random.oneOf(CATEGORIES) };
    WRITERS[random.oneOf(mix.writes)](world, `W${number}`, about);
  }
  const events = Array.from({ length: mix.events }, () => random.oneOf(mix.eventsOf ?? []));
  if (events.length > 0) environment(world, events, random);
}

interface About {
  readonly process: Process;
  readonly key: string;
  readonly category: (typeof CATEGORIES)[number];
}

const WRITERS: Record<Write, (world: World, name: string, about: About) => void> = {
  key: (world, name, { process, key }) => evict(world, name, process, key),
  pull: (world, name, { process, key }) => pull(world, name, process, key),
  'mark stale': (world, name, { process, key }) => markStale(world, name, process, key),
  pattern: (world, name, { process }) => evictPattern(world, name, process, 'a*'),
  glob: (world, name, { process }) => evictPattern(world, name, process, 'a?'),
  clear: (world, name, { process }) => clear(world, name, process),
  tag: (world, name, { process, category }) => evictTag(world, name, process, category),
  move: (world, name, { process, key }) => move(world, name, process, key),
  put: (world, name, { process, key }) => put(world, name, process, key, 'row'),
  'put nothing': (world, name, { process, key }) => put(world, name, process, key, 'nothing'),
  set: (world, name, { process, key }) => set(world, name, process, key),
};

async function giveTurns({ schedule, violations }: World, random: Random): Promise<void> {
  for (let turns = 0; await schedule.hasATurn(); turns += 1) {
    if (turns > MOST_TURNS) return void violations.push(`it does not come to an end: ${schedule.unfinished.join()}`);
    await schedule.take(random.oneOf(schedule.possibleTurns));
  }
  if (schedule.unfinished.length > 0) violations.push(`they wait for ever: ${schedule.unfinished.join()}`);
  violations.push(...schedule.failures);
}

/** A `set` that arrives late is stale by its nature. */
function loseSome({ processes }: World, random: Random): void {
  for (const { connection } of processes) {
    connection.loss = (command) =>
      command === 'set' || random.below(8) > 0 ? 'none' : random.oneOf(['reply', 'late'] as const);
  }
}
