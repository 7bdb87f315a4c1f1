import type { NewSession, SessionFields, StoredSession } from '../session/index.js';

/** A session in memory. After a rotation it has several ids, and all but the last end with the grace. */
export class MemorySession {
  state: 'live' | 'frozen' = 'live';
  version = 0;
  expiresMs = 0;
  seenMs: number;
  generation: string;
  /** The session that goes on in place of this one; when it ends, this one ends. */
  successor: MemorySession | undefined;
  readonly createdMs: number;
  private readonly data: Map<string, Buffer>;
  private readonly formerIds = new Map<string, number>();

  constructor(
    public id: string,
    private readonly made: NewSession,
    { now, generation }: { readonly now: number; readonly generation: string },
  ) {
    this.createdMs = this.seenMs = now;
    this.generation = generation;
    this.data = new Map(made.fields);
  }

  get userId(): string | undefined {
    return this.made.userId;
  }

  get fields(): SessionFields {
    return new Map(this.data);
  }

  get size(): number {
    return sizeOf(this.data);
  }

  sizeWith(set: SessionFields, unset: readonly string[]): number {
    const after = new Map([...this.data, ...set]);
    for (const name of unset) after.delete(name);
    return sizeOf(after);
  }

  write(set: SessionFields, unset: readonly string[]): void {
    for (const [name, value] of set) this.data.set(name, value);
    for (const name of unset) this.data.delete(name);
    this.version += 1;
  }

  rotate(nextId: string, graceEnds: number): void {
    this.formerIds.set(this.id, graceEnds);
    this.id = nextId;
  }

  freeze(graceEnds: number, successor: MemorySession | undefined): void {
    if (this.state === 'frozen') return;
    this.state = 'frozen';
    this.expiresMs = Math.min(this.expiresMs, graceEnds);
    this.successor = successor;
  }

  /** Until when it is found under an id. */
  endsAs(id: string): number {
    return Math.min(this.expiresMs, this.formerIds.get(id) ?? Number.POSITIVE_INFINITY);
  }

  stored(wanted: readonly string[] | undefined): StoredSession {
    const { id, userId, createdMs, seenMs, expiresMs } = this;
    const { csrf, device } = this.made;
    const fields = [...this.data].filter(([name]) => wanted === undefined || wanted.includes(name));
    const known = { id, userId, createdMs, seenMs, expiresMs, csrf, device };
    return { ...known, version: String(this.version), fields: new Map(fields) };
  }
}

function sizeOf(data: SessionFields): number {
  return [...data].reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name) + value.length, 0);
}
