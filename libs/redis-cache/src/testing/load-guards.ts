/** What keeps loads that began too early from being stored: invalidated tags, and sources that have to settle. */
export class LoadGuards {
  private invalidations = 0;
  private readonly invalidatedAt = new Map<string, number>();
  private readonly settledAtMs = new Map<string, number>();

  /** A number that later invalidations exceed. */
  get moment(): number {
    return this.invalidations;
  }

  invalidate(tags: readonly string[]): void {
    this.invalidations += 1;
    for (const tag of tags) this.invalidatedAt.set(tag, this.invalidations);
  }

  /** Whether one of the tags was invalidated after a moment. */
  areOutdated(tags: readonly string[], moment: number): boolean {
    return tags.some((tag) => (this.invalidatedAt.get(tag) ?? 0) > moment);
  }

  settle(
    { keys, tags }: { readonly keys: readonly string[]; readonly tags: readonly string[] },
    endsAtMs: number,
  ): void {
    for (const name of namesOf(keys, tags)) this.settledAtMs.set(name, endsAtMs);
  }

  isSettling(key: string, tags: readonly string[], atMs: number): boolean {
    return namesOf([key], tags).some((name) => (this.settledAtMs.get(name) ?? 0) > atMs);
  }
}

function namesOf(keys: readonly string[], tags: readonly string[]): string[] {
  return [...keys.map((key) => `k${key}`), ...tags.map((tag) => `t${tag}`)];
}
