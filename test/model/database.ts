export const KEYS = ['a1', 'a2', 'b1'] as const;
export const CATEGORIES = ['X', 'Y'] as const;

export type Category = (typeof CATEGORIES)[number];

export interface Row {
  readonly version: number;
  readonly category: Category;
}

/** The source of truth, and what readers may rely on: since which version evictions have been acknowledged. */
export class Database {
  private readonly rows = new Map<string, Row>();
  private readonly acknowledged = new Map<string, number>();
  private readonly moving = new Map<string, number>();
  private readonly promised = new Map<string, number>();
  private readonly locked = new Set<string>();
  private version = 0;

  constructor(categoryOf: () => Category) {
    for (const key of KEYS) this.rows.set(key, { version: 0, category: categoryOf() });
  }

  read(key: string): Row {
    return this.rows.get(key)!;
  }

  keysOf(category: Category): string[] {
    return KEYS.filter((key) => this.read(key).category === category);
  }

  write(keys: readonly string[]): number {
    this.version += 1;
    for (const key of keys) this.rows.set(key, { ...this.read(key), version: this.version });
    return this.version;
  }

  /** To be followed by {@link moved}. */
  move(key: string): number {
    const version = this.write([key]);
    this.rows.set(key, { version, category: this.read(key).category === 'X' ? 'Y' : 'X' });
    this.moving.set(key, (this.moving.get(key) ?? 0) + 1);
    return version;
  }

  /** Who moves a row evicts the tags of its old and its new place: all that was cached before. */
  moved(key: string, version: number): void {
    const others = this.moving.get(key)! - 1;
    this.moving.set(key, others);
    this.acknowledge([key], others === 0 ? Math.max(version, this.promised.get(key) ?? 0) : version);
  }

  acknowledge(keys: readonly string[], version: number): void {
    for (const key of keys) this.acknowledged.set(key, Math.max(version, this.leastVersionOf(key)));
  }

  /**
   * An eviction by tag covers the values that carry the tag. One that was cached before its row was moved carries the
   * tag of the old place, and stays until the mover has evicted that.
   */
  acknowledgeTag(keys: readonly string[], version: number): void {
    for (const key of keys) {
      if ((this.moving.get(key) ?? 0) === 0) this.acknowledge([key], version);
      else this.promised.set(key, Math.max(version, this.promised.get(key) ?? 0));
    }
  }

  /** What a read that begins now must at least see. */
  leastVersionOf(key: string): number {
    return this.acknowledged.get(key) ?? 0;
  }

  isFree(...keys: string[]): boolean {
    return keys.every((key) => !this.locked.has(key));
  }

  lock(key: string): void {
    this.locked.add(key);
  }

  unlock(key: string): void {
    this.locked.delete(key);
  }
}
