import type {
  Creation,
  FieldChanges,
  NewSession,
  ReadRequest,
  RetiredSession,
  SessionStore,
  StoredSession,
  WriteOutcome,
} from '../session/index.js';
import type { ResolvedSessionOptions } from '../session/index.js';
import type { FakeClock } from './fake-clock.js';
import { MemorySession } from './memory-session.js';

/** Sessions in the memory of a test, by the same rules as those in Redis, and by a clock of their own. */
export class MemorySessions implements SessionStore {
  private readonly byId = new Map<string, MemorySession>();
  private readonly generations = new Map<string, number>();
  private everyone = 0;

  constructor(
    private readonly clock: FakeClock,
    private readonly options: ResolvedSessionOptions,
  ) {}

  async open(): Promise<undefined> {
    return undefined;
  }

  now(): number {
    return this.clock.now();
  }

  async read(asked: string, { touch, fields }: ReadRequest): Promise<StoredSession | undefined> {
    const session = this.find(asked);
    if (session === undefined) return undefined;
    if (session.state === 'live') this.keepAlive(session, touch === 'now' ? 0 : this.options.touchIntervalMs);
    return session.stored(fields);
  }

  async create(id: string, wanted: NewSession): Promise<Creation> {
    const generation = this.generation(wanted.userId);
    if (wanted.generation !== undefined && wanted.generation !== generation) return { status: 'revoked' };
    const session = new MemorySession(id, wanted, { now: this.now(), generation });
    if (session.size > this.options.maxSize) return { status: 'too-large', count: session.size };
    const { maxPerUser = Number.POSITIVE_INFINITY, whenFull } = this.options;
    const replaced = wanted.replaces === undefined ? undefined : this.find(wanted.replaces);
    const others = this.sessionsOf(wanted.userId).filter((other) => other !== replaced);
    if (others.length >= maxPerUser && whenFull === 'reject') return { status: 'full', count: others.length };
    const oldest = others.slice(0, Math.max(0, others.length - maxPerUser + 1));
    for (const other of oldest) this.remove(other);
    this.byId.set(id, session);
    this.keepAlive(session, 0);
    return {
      status: 'created',
      createdMs: session.createdMs,
      expiresMs: session.expiresMs,
      evicted: oldest.map((other) => other.id),
    };
  }

  async write(
    asked: string,
    { set, unset, version, maxSize = this.options.maxSize }: FieldChanges,
  ): Promise<WriteOutcome> {
    const session = this.find(asked);
    if (session === undefined) return { status: 'unknown' };
    if (session.state === 'frozen') return { status: 'frozen' };
    if (version !== undefined && version !== String(session.version)) return { status: 'conflict' };
    const size = session.sizeWith(set, unset);
    if (size > maxSize && set.size > 0) return { status: 'too-large', count: size };
    session.write(set, unset);
    this.keepAlive(session, this.options.touchIntervalMs);
    return { status: 'written' };
  }

  async rotate(id: string, nextId: string): Promise<'rotated' | 'already-rotated' | 'gone'> {
    const session = this.find(id);
    if (session?.state !== 'live') return 'gone';
    if (session.id !== id) return 'already-rotated';
    session.rotate(nextId, this.now() + this.options.rotationGraceMs);
    this.byId.set(nextId, session);
    return 'rotated';
  }

  async retire(
    asked: string,
    { userId, successor }: { readonly userId: string; readonly successor: string },
  ): Promise<RetiredSession | undefined> {
    const session = this.find(asked);
    if (session === undefined) return undefined;
    if (session.userId !== undefined && session.userId !== userId) {
      this.remove(session);
      return { id: session.id, userId: session.userId, fields: new Map() };
    }
    const graceEnds = this.now() + this.options.rotationGraceMs;
    session.freeze(graceEnds, session.userId === undefined ? undefined : this.byId.get(successor));
    return session;
  }

  async destroy(
    asked: string,
    owner: string | undefined,
  ): Promise<{ id: string; userId: string | undefined } | undefined> {
    const session = this.find(asked);
    if (session === undefined || (owner !== undefined && owner !== session.userId)) return undefined;
    this.remove(session);
    return { id: session.id, userId: session.userId };
  }

  async destroyAll(userId: string, except: string | undefined): Promise<readonly string[]> {
    const kept = except === undefined ? undefined : this.find(except);
    const ended = this.sessionsOf(userId).filter((session) => session !== kept);
    this.generations.set(userId, (this.generations.get(userId) ?? 0) + 1);
    for (const session of ended) this.remove(session);
    if (kept?.userId === userId) kept.generation = this.generation(userId);
    return ended.map(({ id }) => id);
  }

  async destroyEveryone(): Promise<void> {
    this.everyone += 1;
    this.byId.clear();
  }

  async list(userId: string): Promise<readonly StoredSession[]> {
    return this.sessionsOf(userId).map((session) => session.stored([]));
  }

  async generationOf(userId: string): Promise<string> {
    return this.generation(userId);
  }

  private find(id: string): MemorySession | undefined {
    const session = this.byId.get(id);
    if (session === undefined) return undefined;
    const isCurrent = session.generation === this.generation(session.userId);
    const isOver = session.successor !== undefined && !this.byId.has(session.successor.id);
    if (isCurrent && !isOver && session.endsAs(id) > this.now()) return session;
    this.byId.delete(id);
    return undefined;
  }

  private sessionsOf(userId: string | undefined): MemorySession[] {
    if (userId === undefined) return [];
    const found = [...this.byId.keys()].map((id) => this.find(id));
    const live = new Set(found.filter((session) => session?.userId === userId && session.state === 'live'));
    return ([...live] as MemorySession[]).sort((one, other) => one.createdMs - other.createdMs);
  }

  private remove(session: MemorySession): void {
    for (const [id, other] of this.byId) if (other === session) this.byId.delete(id);
  }

  private generation(userId: string | undefined): string {
    return `${this.everyone}:${userId === undefined ? 0 : (this.generations.get(userId) ?? 0)}`;
  }

  private keepAlive(session: MemorySession, touchEveryMs: number): void {
    const now = this.now();
    if (session.expiresMs > 0 && now - session.seenMs < touchEveryMs) return;
    const { idleTimeoutMs, absoluteTimeoutMs } = this.options;
    session.seenMs = now;
    session.expiresMs = Math.min(now + idleTimeoutMs, session.createdMs + absoluteTimeoutMs);
  }
}
