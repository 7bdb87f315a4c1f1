import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Lets contestants take turns, round by round, so that whatever disturbs the machine disturbs all of them, and prints how often
 * each ran in a second, with the median of its ratio to the first one in the same round. The first round warms up.
 *
 * @param {Record<string, (at: number) => Promise<unknown>>} contestants each is given a number that it has not had before
 * @param {{ perRound: number, atOnce?: number, rounds?: number, title?: string }} options
 */
export async function contest(contestants, { perRound, atOnce = 1, rounds = 11, title = '' }) {
  const names = Object.keys(contestants);
  /** @type {Map<string, number[]>} */
  const perSecond = new Map(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of Object.entries(contestants)) {
      const startedAt = performance.now();
      await runAll(run, { from: round * perRound, perRound, atOnce });
      const seconds = (performance.now() - startedAt) / 1_000;
      if (round > 0) perSecond.get(name)?.push(perRound / seconds);
      await pause(5); // loops of promises alone would starve the timers
    }
  }
  const [first = []] = perSecond.values();
  const width = Math.max(...names.map((name) => name.length));
  for (const [name, rates] of perSecond) {
    const rate = Math.round(median(rates)).toLocaleString('en');
    const ratio = median(rates.map((each, round) => each / (first[round] ?? 1)));
    console.log(`${title}${name.padEnd(width)}  ${rate} per second, ${ratio.toFixed(2)} ×`);
  }
}

/** @param {number[]} numbers */
export function median(numbers) {
  return numbers.toSorted((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? 0;
}

/** @param {(at: number) => Promise<unknown>} run @param {{ from: number, perRound: number, atOnce: number }} options */
async function runAll(run, { from, perRound, atOnce }) {
  if (atOnce === 1) {
    for (let done = 0; done < perRound; done += 1) await run(from + done);
    return;
  }
  for (let done = 0; done < perRound; done += atOnce)
    await Promise.all(Array.from({ length: atOnce }, (_, offset) => run(from + done + offset)));
}
