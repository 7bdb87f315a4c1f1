import type { Redis } from 'ioredis';
import { isRedisCacheError } from '../../../libs/redis-cache/src/core/common/index.js';
import { KeySpace } from '../../../libs/redis-cache/src/core/keys/index.js';
import { LockKeys } from '../../../libs/redis-cache/src/lock/lock-keys.js';
import type { Claim, ClaimReply, Granted, LockMode } from '../../../libs/redis-cache/src/lock/lock-store.js';
import { RedisLockStore } from '../../../libs/redis-cache/src/lock/redis-lock-store.js';
import type { Random } from '../random.js';
import { Schedule } from '../schedule.js';
import { LockJudge } from './lock-judge.js';
import {
  type Fate,
  type LockStage,
  LockWire,
  ModelTime,
  type Mutation,
  playedScripts,
  UNDER_WAY_MS,
} from './lock-wire.js';

export interface Mix {
  readonly fates: readonly Fate[];
  readonly modes: readonly LockMode[];
  readonly ttlsMs: readonly number[];
  /** How far the time goes on by itself before a turn; without it only when there is nothing else to do. */
  readonly stepMs?: number;
  readonly losesData?: boolean;
}

const KEY_PREFIX = 'model';
const RESOURCE = 'stock';
const WAIT_MS = 8_000;
const TRUST_MS = 3_000;
const CLAIMANTS = 4;
const LOCKS_EACH = 3;
const MOST_TURNS = 3_000;
const REFUSED = { outcome: 'refused' } as const;
const VOID = { outcome: 'void' } as const;

/** A claim of a lock that is free if nothing bars it. */
const CLAIM = {
  kind: 'lock',
  resource: RESOURCE,
  mode: 'write',
  permits: 1,
  ttlMs: 1,
  waitMs: 0,
  purpose: '',
} as const;

interface Lease {
  readonly mode: LockMode;
  readonly until: number;
}

type Grant = Granted & { readonly until: number; readonly grantedAt: number };

/** Several processes take one lock, hold it and give it back, while requests and replies get lost. */
export class Claimants {
  readonly schedule = new Schedule();
  readonly judge: LockJudge;
  private readonly time = new ModelTime();
  private readonly leases = new Map<string, Lease>();
  private readonly called = new Set<string>();
  private readonly stage: LockStage;
  private readonly store: () => RedisLockStore;
  private lostAt = -1;
  private isPlayed = false;

  constructor(
    private readonly redis: Redis,
    private readonly random: Random,
    private readonly mix: Mix,
    mutation?: Mutation,
  ) {
    const keys = new LockKeys(new KeySpace({ keyPrefix: KEY_PREFIX, layout: 'plain' }));
    const of = keys.of({ kind: 'lock', resource: RESOURCE, attempt: '' }, keys.bucketOf(RESOURCE));
    this.judge = new LockJudge(redis, of, this.time);
    const { schedule, judge, time } = this;
    const fate = (): Fate => (this.isPlayed ? random.oneOf(mix.fates) : 'arrives');
    this.stage = { redis, schedule, time, judge, fate, scripts: playedScripts(mutation) };
    const afterDataLoss = mix.losesData === true ? 'wait' : 'grant';
    this.store = () =>
      new RedisLockStore(new LockWire(this.stage).asConnection, {
        maxTtlMs: Math.max(...mix.ttlsMs),
        afterDataLoss,
        keyPrefix: KEY_PREFIX,
      });
  }

  async play(): Promise<readonly string[]> {
    await this.redis.flushdb();
    this.time.advance(100_000); // the server is old enough
    const stores = Array.from({ length: CLAIMANTS }, () => this.store());
    for (const [number, store] of stores.entries()) await this.meetEpoch(store, `M${number}`);
    this.schedule.begin();
    this.isPlayed = true;
    for (const [number, store] of stores.entries()) {
      const name = `C${number}`;
      this.schedule.agent(name, async () => {
        for (let count = 0; count < LOCKS_EACH; count += 1) await this.once(store, `${name}.${count}`);
      });
    }
    await this.giveTurns();
    this.schedule.end();
    this.isPlayed = false;
    return [...this.judge.violations, ...this.schedule.failures, ...(await this.lookBack())];
  }

  private async meetEpoch(store: RedisLockStore, attempt: string): Promise<void> {
    await store.claim({ ...CLAIM, resource: 'another', attempt }, () => undefined);
  }

  private async giveTurns(): Promise<void> {
    const { schedule, random, time, mix } = this;
    for (let turns = 0; turns < MOST_TURNS; turns += 1) {
      for (const attempt of await this.redis.smembers('called')) this.called.add(attempt);
      await this.redis.del('called');
      if (mix.stepMs !== undefined) time.advance(random.below(mix.stepMs));
      if (mix.losesData === true && random.below(60) === 0) await this.loseData();
      const possible = schedule.possibleTurns;
      if (possible.length > 0) await schedule.take(random.oneOf(possible));
      else if (schedule.unfinished.length > 0) this.everybodyWaits();
      else return;
    }
    this.say('the schedule does not end');
  }

  /** Without loss of data and late requests there is always somebody who has been called. */
  private everybodyWaits(): void {
    const { mix, time } = this;
    if (mix.stepMs === undefined && !mix.fates.includes('late')) this.say('nobody has been called');
    time.advance(200);
  }

  private async loseData(): Promise<void> {
    await this.judge.loseData();
    this.schedule.note('the data are lost');
    this.lostAt = this.time.ms;
  }

  private async once(store: RedisLockStore, attempt: string): Promise<void> {
    const { random, time, judge, schedule } = this;
    const sent = { hasCopies: false };
    const onCopy = (): void => void (sent.hasCopies = true);
    const waitMs = random.oneOf([0, WAIT_MS, WAIT_MS]);
    const [mode, ttlMs] = [random.oneOf(this.mix.modes), random.oneOf(this.mix.ttlsMs)];
    const claim: Claim = { ...CLAIM, attempt, mode, ttlMs, waitMs };
    const lastToken = judge.lastToken;
    let grant: Grant | undefined;
    let isSettled = false;
    try {
      const granted = await this.take(store, claim, onCopy);
      if ('token' in granted && granted.until > time.ms) grant = { ...claim, ...granted, fencingToken: granted.token };
      isSettled = grant !== undefined || (granted === REFUSED && waitMs === 0 && !sent.hasCopies);
    } catch (error) {
      if (!isRedisCacheError(error)) throw error;
    }
    if (!isSettled) return this.cancel(store, claim);
    if (grant === undefined) return;
    if (grant.fencingToken <= lastToken) this.say(`${attempt} has an old token`);
    this.hold(attempt, { mode, until: grant.until });
    for (let count = random.below(3); count > 0; count -= 1)
      await schedule.turn('holds', undefined, { detail: attempt });
    this.leases.delete(attempt);
    await this.giveBack(store, grant, sent.hasCopies);
  }

  private async take(
    store: RedisLockStore,
    first: Claim,
    onCopy: () => void,
  ): Promise<typeof REFUSED | typeof VOID | { token: number; until: number; grantedAt: number }> {
    const { time } = this;
    let asked = time.ms;
    const endsAt = asked + first.waitMs;
    const token = await store.take(first, onCopy);
    if (token !== undefined) return { token, until: asked + first.ttlMs, grantedAt: asked };
    for (;;) {
      asked = time.ms;
      const reply: ClaimReply = await store.claim({ ...first, waitMs: Math.max(0, endsAt - asked) }, onCopy);
      if (reply.outcome === 'void') return VOID;
      if (reply.outcome === 'granted')
        return { token: reply.fencingToken, until: asked + reply.remainingMs, grantedAt: asked };
      if (time.ms >= endsAt) return REFUSED;
      await this.waitToBeCalled(first.attempt, time.ms + Math.min(endsAt - time.ms, reply.remainingMs, TRUST_MS));
    }
  }

  private async waitToBeCalled(attempt: string, untilMs: number): Promise<void> {
    const isPossible = (): boolean => this.called.has(attempt) || this.time.ms >= untilMs;
    await this.schedule.turn('waits', undefined, { detail: attempt, isPossible });
    this.called.delete(attempt);
  }

  private hold(attempt: string, lease: Lease): void {
    for (const [holder, other] of this.leases)
      if (other.until > this.time.ms && (other.mode === 'write' || lease.mode === 'write'))
        this.say(`${attempt} and ${holder} hold it at the same time`);
    this.leases.set(attempt, lease);
  }

  private async giveBack(store: RedisLockStore, grant: Grant, hasCopies: boolean): Promise<void> {
    const { attempt } = grant;
    const wasLost = this.lostAt >= grant.grantedAt && (await this.isGone(attempt));
    try {
      const answer = await (hasCopies ? store.cancel(grant) : store.release(grant));
      this.judge.isOver(attempt);
      if (answer === 'lost' && this.time.ms < grant.until && this.lostAt < grant.grantedAt)
        this.say(`${attempt} gave back in time, and was told that it is lost`);
      if (answer === 'released' && wasLost && this.judge.lastToken === grant.fencingToken)
        this.say(`${attempt} was lost, and told that it is given back`);
    } catch (error) {
      if (!isRedisCacheError(error)) throw error;
      await this.cancel(store, grant);
    }
  }

  private async isGone(attempt: string): Promise<boolean> {
    const { holders } = await this.judge.look();
    return !holders.some((holder) => holder.attempt === attempt);
  }

  private async cancel(store: RedisLockStore, held: Claim | Granted): Promise<void> {
    for (;;)
      try {
        await store.cancel(held);
        this.judge.isOver(held.attempt);
        return;
      } catch (error) {
        if (!isRedisCacheError(error)) throw error;
      }
  }

  /** When all have ended and nothing is under way: nobody holds it, nothing stays for ever, and the short way opens again. */
  private async lookBack(): Promise<readonly string[]> {
    const found: string[] = [];
    const { holders, queue } = await this.judge.look();
    const left = holders.filter(({ endsAt }) => endsAt > this.time.ms);
    if (left.length > 0) found.push(`${left.map(({ attempt }) => attempt).join()} hold it for ever`);
    if (queue.some(({ endsAt }) => endsAt > this.time.ms))
      found.push(`${queue.map(({ attempt }) => attempt).join()} wait for ever`);
    for (const key of await this.redis.keys(`${KEY_PREFIX}*`))
      if ((await this.redis.pttl(key)) < 0) found.push(`${key} is kept for ever`);
    this.time.advance(2 * UNDER_WAY_MS);
    return [...found, ...(await this.takeTwice())];
  }

  private async takeTwice(): Promise<readonly string[]> {
    const store = this.store();
    const first = { ...CLAIM, attempt: 'first' };
    let reply = await store.claim(first, () => undefined);
    if (reply.outcome === 'closed') {
      // Nobody has come since the data were lost, and the server is young by its own clock, which stands still here.
      this.time.advance(reply.remainingMs);
      reply = await store.claim(first, () => undefined);
    }
    if (reply.outcome !== 'granted') return [`nobody holds it, and the answer is ${reply.outcome}`];
    await store.release({ ...first, fencingToken: reply.fencingToken });
    const second = await store.take({ ...first, attempt: 'second' }, () => undefined);
    return second === undefined ? ['the short way stays closed'] : [];
  }

  private say(problem: string): void {
    this.judge.violations.push(problem);
    this.schedule.note(problem);
  }
}
