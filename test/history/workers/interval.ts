/** By a monotonic clock that all processes of a machine share, in microseconds. */
export interface Interval {
  readonly fromUs: number;
  readonly toUs: number;
}

export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

export async function intervalOf<T>(work: () => Promise<T>): Promise<{ result: T; interval: Interval }> {
  const fromUs = nowUs();
  const result = await work();
  return { result, interval: { fromUs, toUs: nowUs() } };
}
