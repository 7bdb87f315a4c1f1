import { CATEGORIES } from './database.js';
import { MIXES } from './mixes.js';
import { OwnServer } from './own-server.js';
import { play } from './play.js';
import { Random } from './random.js';
import { World } from './world.js';

const isLong = process.env.TEST_SCALE === 'long';
const schedules = isLong ? 5_000 : 500;
const givenSeed = process.env.MODEL_SEED;
/** The server has random numbers of its own, for samples and for the order of a scan: one seed, several endings. */
const REPETITIONS_OF_A_SEED = 200;

describe('no read that begins after an acknowledged eviction returns anything older', () => {
  let server: OwnServer;

  beforeAll(async () => void (server = await OwnServer.launch()));
  afterAll(() => server.stop());

  it.each(Object.entries(MIXES))(
    '%s',
    async (name, mix) => {
      const failed: Failure[] = [];
      await server.forEach(seeds(), async (redis, seed) => {
        const random = new Random(seed);
        const { tagging, hasIndex, coldIndex, replacements } = mix;
        const categoryOf = () => random.oneOf(CATEGORIES);
        const world = await World.create(redis, { tagging, hasIndex, coldIndex, replacements, categoryOf });
        await play(world, mix, random);
        if (world.violations.length > 0) failed.push({ seed, world });
      });
      if (failed.length > 0) throw new Error(report(name, failed));
    },
    isLong ? 600_000 : 120_000,
  );
});

interface Failure {
  readonly seed: number;
  readonly world: World;
}

function* seeds(): Generator<number> {
  const first = Date.now();
  const count = givenSeed === undefined ? schedules : REPETITIONS_OF_A_SEED;
  for (let at = 0; at < count; at += 1) yield givenSeed === undefined ? first + at : Number(givenSeed);
}

function report(mix: string, failed: readonly Failure[]): string {
  const shortest = failed.reduce((one, other) =>
    other.world.schedule.trace.length < one.world.schedule.trace.length ? other : one,
  );
  const { seed, world } = shortest;
  return [
    `${failed.length} of the schedules of "${mix}" went wrong. The shortest, once more with MODEL_SEED=${seed} and -t '${mix}':`,
    ...world.violations,
    '',
    ...world.schedule.trace,
  ].join('\n');
}
