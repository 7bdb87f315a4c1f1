import { BROKEN_RULES } from './rules.js';
import { Simulation } from './simulation.js';

const isLong = process.env.TEST_SCALE === 'long';
const RUNS = isLong ? 1_000 : 60;
/** Some rules are needed in rare circumstances only. */
const MOST_RUNS = 400;
const FIRST_SEED = Number(process.env.L1_SEED ?? 7_919);

const seeds = (count: number): number[] => Array.from({ length: count }, (_, at) => FIRST_SEED + at);

describe('copies in memory, with links that are slow, dead or cut off, and processes that stall and sleep', () => {
  it(`never answer with what is older than the bound (${RUNS} runs of 22 s, seeds from ${FIRST_SEED})`, () => {
    let [reads, hits] = [0, 0];
    const failed = seeds(RUNS).flatMap((seed) => {
      const outcome = new Simulation(seed).run();
      reads += outcome.reads;
      hits += outcome.hits;
      return outcome.violations.map((violation) => `L1_SEED=${seed}: ${violation}`);
    });
    console.info(`l1 simulated: seeds ${FIRST_SEED} to ${FIRST_SEED + RUNS - 1}, ${reads} reads, ${hits} hits`);
    expect(failed).toEqual([]);
    expect(hits).toBeGreaterThan(reads / 4);
  });

  it.each(BROKEN_RULES)('need this rule: $rule', (broken) => {
    const found = seeds(MOST_RUNS).find((seed) => new Simulation(seed, broken).run().violations.length > 0);
    expect(found).toBeDefined();
  });
});
