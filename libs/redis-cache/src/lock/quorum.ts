/** What several servers have said so far. */
export interface Votes<T> {
  readonly answers: readonly T[];
  readonly failures: readonly unknown[];
}

/** Waits for votes until they decide, or all are in. Votes that come later are not waited for. */
export function votesUntil<T>(votes: readonly Promise<T>[], isDecided: (so: Votes<T>) => boolean): Promise<Votes<T>> {
  return new Promise((resolve) => {
    const so = { answers: [] as T[], failures: [] as unknown[] };
    const count = (): void => {
      const isComplete = so.answers.length + so.failures.length === votes.length;
      if (isComplete || isDecided(so)) resolve({ answers: [...so.answers], failures: [...so.failures] });
    };
    for (const vote of votes)
      vote.then(
        (answer) => {
          so.answers.push(answer);
          count();
        },
        (failure: unknown) => {
          so.failures.push(failure);
          count();
        },
      );
  });
}

/** What at least so many have: the value that many are not below. */
export function heldByMost(values: readonly number[], many: number): number {
  return values.toSorted((low, high) => high - low)[many - 1]!;
}
