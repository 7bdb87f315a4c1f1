import { randomUUID } from 'node:crypto';
import type { RedisConnection } from '../core/connection/index.js';
import {
  closeGate,
  createSession,
  destroyAllSessions,
  destroySession,
  type Elsewhere,
  listSessions,
  readSession,
  retireSession,
  rotateSession,
  useSession,
  writeSession,
} from './session.scripts.js';
import { bucketOfId, SESSION_BUCKETS, type SessionIds } from './session-id.js';
import type { SessionKeys } from './session-keys.js';
import { packedList } from './packed-list.js';
import type { ResolvedSessionOptions } from './session.options.js';
import { namesToTell, packedFacts, toStoredSession } from './stored-session.js';
import type {
  Creation,
  FieldChanges,
  NewSession,
  ReadRequest,
  RetiredSession,
  SessionFields,
  SessionStore,
  StoredSession,
  WriteOutcome,
} from './session-store.js';

const DAY_MS = 86_400_000;
/** Longer than a command may be under way: what arrives late finds the tombstone. */
const SHORTEST_BEYOND_GRACE_MS = 300_000;
/** How often a session may have been rotated within the grace of its first id. */
const MOST_MOVES = 32;

/** Sessions in Redis: a hash each, with a field of its own for each field of the data. */
export class RedisSessionStore implements SessionStore {
  private readonly tombstoneMs: number;
  private readonly gateMs: number;

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: SessionKeys,
    private readonly ids: SessionIds,
    private readonly options: ResolvedSessionOptions,
  ) {
    const beyondGraceMs = Math.max(SHORTEST_BEYOND_GRACE_MS, 2 * connection.commandTimeoutMs);
    this.tombstoneMs = options.rotationGraceMs + beyondGraceMs;
    this.gateMs = options.absoluteTimeoutMs + DAY_MS;
  }

  /** A server that is away, or does not tell, is no reason not to boot. */
  async open(): Promise<string | undefined> {
    await this.connection.open();
    const ask = () => Promise.all(this.connection.topology.primaries().map((primary) => primary.info('memory')));
    const answers = await this.connection.send(ask, { resend: 'safe' }).catch(() => []);
    const policies = answers.map((memory) => /maxmemory_policy:(\S+)/.exec(memory)?.[1]);
    return policies.find((policy) => policy !== 'noeviction') ?? policies[0];
  }

  now(): number {
    return this.connection.clock.now();
  }

  async read(id: string, { touch, fields }: ReadRequest): Promise<StoredSession | undefined> {
    const touchEveryMs = touch === 'now' ? 0 : this.options.touchIntervalMs;
    if (touchEveryMs === 0 || fields !== undefined) return this.use(id, { touchEveryMs, fields });
    const told = await this.connection.run(readSession, this.keys.of(id), { touchEveryMs });
    return told === undefined ? this.use(id, { touchEveryMs, fields }) : toStoredSession(id, told);
  }

  async create(id: string, { userId, generation, csrf, device, fields, replaces }: NewSession): Promise<Creation> {
    const { maxSize, maxPerUser, whenFull } = this.options;
    const reply = await this.connection.run(createSession, this.keys.of(id), {
      ...{ ...this.timeouts(id), user: userId ?? '', generation: generation ?? '' },
      facts: packedFacts({ csrf, device }),
      ...{ fields: packed(fields), maxSize, maxSessions: maxPerUser ?? 0, whenFull },
      ...{ replaces: replaces === undefined ? '' : idInBucket(replaces), tombstoneMs: this.tombstoneMs },
    });
    if (reply.status !== 'created') return reply;
    const evicted = reply.evicted.map((other) => bucketOfId(id) + other);
    return { status: 'created', createdMs: reply.redisMs, expiresMs: reply.expiresMs, evicted };
  }

  async write(
    asked: string,
    { set, unset, version = '', maxSize = this.options.maxSize }: FieldChanges,
  ): Promise<WriteOutcome> {
    const { touchIntervalMs: touchEveryMs } = this.options;
    const changes = { version, set: packed(set), unset: packedList(unset), maxSize, touchEveryMs };
    const { reply } = await this.follow(asked, (id) =>
      this.connection.run(writeSession, this.keys.of(id), { ...this.timeouts(id), ...changes }),
    );
    return reply.status === 'moved' ? { status: 'gone' } : reply;
  }

  async rotate(id: string, nextId: string): Promise<'rotated' | 'already-rotated' | 'gone'> {
    const { session: renamed } = this.keys.of(nextId);
    const reply = await this.connection.run(
      rotateSession,
      { ...this.keys.of(id), renamed },
      { id: idInBucket(id), nextId: idInBucket(nextId), graceMs: this.options.rotationGraceMs },
    );
    if (reply.status === 'rotated') return 'rotated';
    return reply.status === 'moved' ? 'already-rotated' : 'gone';
  }

  async retire(
    asked: string,
    { userId, successor }: { readonly userId: string; readonly successor: string },
  ): Promise<RetiredSession | undefined> {
    const { id, reply } = await this.follow(asked, (id) =>
      this.connection.run(retireSession, this.keys.of(id), {
        ...{ id: idInBucket(id), newUser: userId, graceMs: this.options.rotationGraceMs },
        ...{ successor: bucketOfId(id) === bucketOfId(successor) ? idInBucket(successor) : '' },
        tombstoneMs: this.tombstoneMs,
      }),
    );
    if (reply.status === 'ended') return { id, userId: reply.user, fields: new Map() };
    return reply.status === 'retired' ? toStoredSession(id, reply.told) : undefined;
  }

  async destroy(
    asked: string,
    owner: string | undefined,
  ): Promise<{ id: string; userId: string | undefined } | undefined> {
    const { id, reply } = await this.follow(asked, (id) =>
      this.connection.run(destroySession, this.keys.of(id), {
        ...{ id: idInBucket(id), owner: owner ?? '', tombstoneMs: this.tombstoneMs },
      }),
    );
    return reply.status === 'destroyed' ? { id, userId: reply.user || undefined } : undefined;
  }

  async destroyAll(userId: string, except: string | undefined): Promise<readonly string[]> {
    const bucket = this.ids.bucketOf(userId);
    const keptId = except !== undefined && bucketOfId(except) === bucket ? idInBucket(except) : '';
    const ended = await this.connection.run(
      destroyAllSessions,
      {
        gate: this.keys.gateOf(bucket),
        index: this.keys.indexOf(bucket, userId),
        kept: this.keys.headOf(bucket) + keptId,
      },
      { user: userId, generation: randomUUID(), gateMs: this.gateMs, tombstoneMs: this.tombstoneMs, keptId },
    );
    return ended.map((id) => bucket + id);
  }

  async destroyEveryone(): Promise<void> {
    const [generation, gateMs] = [randomUUID(), this.gateMs];
    await Promise.all(
      SESSION_BUCKETS.map((bucket) =>
        this.connection.run(closeGate, { gate: this.keys.gateOf(bucket) }, { generation, gateMs }),
      ),
    );
  }

  async list(userId: string): Promise<readonly StoredSession[]> {
    const bucket = this.ids.bucketOf(userId);
    const [gate, index, head] = [this.keys.gateOf(bucket), this.keys.indexOf(bucket, userId), this.keys.headOf(bucket)];
    const found = await this.connection.run(listSessions, { gate, index, head }, { names: namesToTell([]) });
    return found.map(({ id, told }) => toStoredSession(bucket + id, told));
  }

  async generationOf(userId: string): Promise<string> {
    const gate = this.keys.gateOf(this.ids.bucketOf(userId));
    const values = await this.connection.send((client) => client.mget(gate, gate + userId), { resend: 'safe' });
    return values.map((value) => value ?? '0').join(':');
  }

  private async use(
    asked: string,
    { touchEveryMs, fields }: { readonly touchEveryMs: number; readonly fields: readonly string[] | undefined },
  ): Promise<StoredSession | undefined> {
    const names = namesToTell(fields);
    const { id, reply } = await this.follow(asked, (id) =>
      this.connection.run(useSession, this.keys.of(id), { ...this.timeouts(id), touchEveryMs, names }),
    );
    return reply.status === 'found' ? toStoredSession(id, reply.told) : undefined;
  }

  /** Goes where a rotation has led, until the session is found there or nowhere. */
  private async follow<Reply extends { readonly status: string }>(
    asked: string,
    ask: (id: string) => Promise<Reply | Elsewhere>,
  ): Promise<{ readonly id: string; readonly reply: Reply | Elsewhere }> {
    let id = asked;
    for (let moves = 0; moves < MOST_MOVES; moves += 1) {
      const reply = await ask(id);
      if (!isMoved(reply)) return { id, reply };
      id = bucketOfId(asked) + reply.id;
    }
    return { id, reply: { status: 'unknown' } };
  }

  private timeouts(id: string): { id: string; idleMs: number; absoluteMs: number } {
    const { idleTimeoutMs, absoluteTimeoutMs } = this.options;
    return { id: idInBucket(id), idleMs: idleTimeoutMs, absoluteMs: absoluteTimeoutMs };
  }
}

function isMoved(reply: { readonly status: string }): reply is Elsewhere & { readonly status: 'moved' } {
  return reply.status === 'moved';
}

function idInBucket(id: string): string {
  return id.slice(bucketOfId(id).length);
}

function packed(fields: SessionFields): Buffer {
  return packedList([...fields].flat());
}
