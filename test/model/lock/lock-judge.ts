import type { Redis } from 'ioredis';
import type { LockKeys } from '../../../libs/redis-cache/src/lock/lock-keys.js';
import type { ModelTime } from './lock-wire.js';

interface Party {
  readonly attempt: string;
  readonly mode: string;
}

interface Seen {
  readonly holders: readonly (Party & { readonly token: number; readonly endsAt: number })[];
  /** In their order, with the end of their time or of their turn. */
  readonly queue: readonly (Party & { readonly endsAt: number })[];
  readonly marks: readonly string[];
}

type Keys = Pick<ReturnType<LockKeys['of']>, 'holders' | 'queue' | 'waiters'>;

type Fields = Readonly<Record<string, string>>;

const BESIDE = ['fence', 'queue', 'cancelled', 'call', 'call too'];
const NOTHING: Seen = { holders: [], queue: [], marks: [] };

/** Looks at a lock before and after each command, and says what must not be. */
export class LockJudge {
  readonly violations: string[] = [];
  /** Of whatever was granted. */
  lastToken = 0;
  private readonly over = new Set<string>();
  private seen = NOTHING;

  constructor(
    private readonly redis: Redis,
    private readonly keys: Keys,
    private readonly time: ModelTime,
  ) {}

  /** From now on nothing may be granted to it. */
  isOver(attempt: string): void {
    this.over.add(attempt);
  }

  async watch<T>(attempt: string, command: () => Promise<T>): Promise<T> {
    this.time.us += 1;
    const [seconds, rest] = [Math.floor(this.time.us / 1_000_000), this.time.us % 1_000_000].map(String) as [
      string,
      string,
    ];
    await this.redis.multi().del('time').rpush('time', seconds, rest).exec();
    const before = this.seen;
    const reply = await command();
    this.seen = await this.look();
    for (const holder of this.seen.holders)
      if (!before.holders.some((known) => known.attempt === holder.attempt && known.token === holder.token))
        this.judgeGrant(holder, before);
    this.judgeMarks(attempt, reply);
    return reply;
  }

  async loseData(): Promise<void> {
    await this.redis.flushdb();
    this.seen = NOTHING;
  }

  async look(): Promise<Seen> {
    const { holders, queue, waiters } = this.keys;
    const replies = await this.redis.pipeline().hgetall(holders).zrange(queue, '0', '-1').hgetall(waiters).exec();
    const [fields, order, waiting] = replies!.map(([, reply]) => reply) as [Fields, string[], Fields];
    return {
      marks: Object.keys(fields).filter((field) => BESIDE.includes(field)),
      holders: Object.entries(fields).flatMap(([attempt, text]) => {
        if (BESIDE.includes(attempt)) return [];
        const [token, lasts, mode] = text.split(' ') as [string, string, string];
        return [{ attempt, mode, token: Number(token), endsAt: Math.floor(Number(token) / 1_000) + Number(lasts) }];
      }),
      queue: order.flatMap((attempt) => {
        const [mode, , endsAt] = (waiting[attempt] ?? '').split(' ');
        const turn = Number(waiting[`turn ${attempt}`] ?? Infinity);
        if (mode === undefined) return [];
        return [{ attempt, mode, endsAt: Math.min(Number(endsAt), turn) }];
      }),
    };
  }

  private judgeGrant({ attempt, mode, token }: Seen['holders'][number], before: Seen): void {
    const say = (problem: string): void => void this.violations.push(`${attempt} (${mode}) was granted ${problem}`);
    const isShared = (one: Party): boolean => mode === 'read' && one.mode === 'read';
    if (before.holders.some((one) => one.endsAt > this.time.ms && !isShared(one))) say('what somebody else holds');
    if (token <= this.lastToken) say(`the token ${token}, after ${this.lastToken}`);
    this.lastToken = Math.max(this.lastToken, token);
    if (this.over.has(attempt)) say('something after its end');
    const place = before.queue.findIndex((one) => one.attempt === attempt);
    const ahead = before.queue.slice(0, place === -1 ? Infinity : place).filter(({ endsAt }) => endsAt > this.time.ms);
    if (ahead.some((one) => !isShared(one))) say(`something before ${ahead.map((one) => one.attempt).join()}`);
  }

  /** A queue bars the short way; and who has to wait sees to it that he will be called. */
  private judgeMarks(attempt: string, reply: unknown): void {
    const { queue, marks } = this.seen;
    if (queue.length === 0 || !marks.includes('fence')) return;
    const isRefused = Array.isArray(reply) && String(reply[0]) === 'busy';
    for (const mark of isRefused ? ['queue', 'call', 'call too'] : ['queue'])
      if (!marks.includes(mark)) this.violations.push(`${attempt} left a queue without the mark "${mark}"`);
  }
}
