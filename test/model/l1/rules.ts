/* eslint-disable @typescript-eslint/no-unsafe-call -- rules are switched off where the types let nobody in */
import { FillToken, type LocalCopies } from '../../../libs/redis-cache/src/cache/local-copies.js';
import type { Coherence, RedisClock } from '../../../libs/redis-cache/src/core/connection/index.js';
import type { VirtualTime } from './virtual-time.js';

/** The real things that are simulated around. */
export interface Subject {
  readonly time: VirtualTime;
  readonly coherence: Coherence;
  readonly copies: LocalCopies;
  readonly clock: RedisClock;
}

/** How the code around them behaves; `true` breaks the rule. */
export interface Habits {
  readonly armsAtConnect?: boolean;
  readonly keepsWhenEvictionIsCalled?: boolean;
  readonly keepsWhenEvictionIsAcknowledged?: boolean;
}

/** A rule switched off. */
export interface BrokenRule extends Habits {
  readonly rule: string;
  readonly alter?: (subject: Subject) => void;
}

/** What the types keep to themselves. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Open = Record<string, any>;

const open = (object: object): Open => object;

export const BROKEN_RULES: readonly BrokenRule[] = [
  {
    rule: 'a fill token is compared by identity: here any token of the key will do',
    alter: ({ copies }) => {
      const settle = copies.settle.bind(copies);
      copies.settle = (key, token, found) =>
        settle(key, token && ((open(copies).tokens as Map<string, FillToken>).get(key) ?? token), found);
    },
  },
  {
    rule: 'an invalidation takes the tokens away: here only the copies',
    alter: ({ copies }) => {
      open(copies).forget = (key: string) => open(copies).copies.delete(key);
    },
  },
  {
    rule: 'coherence counts from the sending of a ping: here from its answer',
    alter: ({ time, coherence }) => {
      open(coherence).ping = (arming: Open) => {
        arming.unanswered += 1;
        arming.heart.ping(() => {
          arming.unanswered = 0;
          arming.answeredSentAt = time.monotonicMs();
          open(coherence).extend();
        });
      };
    },
  },
  {
    rule: 'silence is noticed at the read: here by the timer',
    alter: ({ coherence }) => {
      let isSilent = true;
      const isLate = (): boolean => open(coherence).moment() >= open(coherence).until;
      const [beat, extend] = [coherence.beat.bind(coherence), open(coherence).extend.bind(coherence) as () => void];
      coherence.beat = () => {
        beat();
        isSilent = isLate();
      };
      open(coherence).extend = () => {
        extend();
        isSilent = isLate();
      };
      coherence.now = () => (coherence.isArmed && !isSilent ? (open(coherence).moment() as number) : undefined);
    },
  },
  {
    rule: 'tracking has begun when the server says so: here when the connection is made',
    armsAtConnect: true,
  },
  {
    rule: 'nothing outlives its connection: here the tokens do',
    alter: ({ copies }) => {
      copies.voided = () => open(copies).copies.clear();
    },
  },
  {
    rule: 'nothing outlives its connection: here the copies do',
    alter: ({ copies }) => {
      copies.voided = () => open(copies).tokens.clear();
      copies.armed = () => undefined;
    },
  },
  {
    rule: 'commands and invalidations name the same server: here nobody asks',
    alter: ({ coherence }) => {
      const judge = open(coherence).judge.bind(coherence) as (reason: string) => void;
      open(coherence).judge = (reason: string) => {
        for (const primary of open(coherence).primaries.values()) primary.commandsRunId = primary.arming?.runId;
        judge(reason);
      };
    },
  },
  {
    rule: 'all primaries have answered: here one is enough',
    alter: ({ coherence }) => {
      const extend = open(coherence).extend.bind(coherence) as () => void;
      open(coherence).extend = () => {
        extend();
        const answers = [...(open(coherence).primaries as Map<string, Open>).values()].map(
          ({ arming }) => (arming as Open | undefined)?.answeredSentAt as number,
        );
        if (coherence.isArmed) open(coherence).until = Math.max(...answers) + 1_000;
      };
    },
  },
  {
    rule: 'the clocks are compared, because a machine may sleep: here only the monotonic one is read',
    alter: ({ time, coherence }) => {
      open(coherence).moment = () => time.monotonicMs();
    },
  },
  {
    rule: 'a copy ends with its entry: here with the next message',
    alter: ({ clock }) => {
      clock.surelyBefore = () => Number.POSITIVE_INFINITY;
    },
  },
  {
    rule: 'the error of the clock is taken off: here it is not',
    alter: ({ time, clock }) => {
      clock.surelyBefore = (redisMs) =>
        clock.errorMs === Infinity ? -Infinity : time.monotonicMs() + redisMs - clock.now();
    },
  },
  {
    rule: "no copy is kept while Redis's clock is unknown: here by the clock of this machine",
    alter: ({ time, clock }) => {
      const surelyBefore = clock.surelyBefore.bind(clock);
      clock.surelyBefore = (redisMs) =>
        clock.errorMs === Infinity ? time.monotonicMs() + redisMs - time.wallMs() + 40_000 : surelyBefore(redisMs);
    },
  },
  {
    rule: 'a flush empties everything: here it is overheard',
    alter: ({ copies }) => {
      copies.flushed = () => undefined;
    },
  },
  {
    rule: 'an eviction of this process drops copies and tokens when it is called: here not before it is acknowledged',
    keepsWhenEvictionIsCalled: true,
  },
  {
    rule: 'an eviction of this process drops copies and tokens when it is acknowledged: here only when it is called',
    keepsWhenEvictionIsAcknowledged: true,
  },
  {
    rule: 'an eviction of this process drops the tokens too: here only the copies',
    alter: ({ copies }) => {
      open(copies).drop = ({ keys }: { keys: string[] }) => keys.forEach((key) => open(copies).copies.delete(key));
    },
  },
  {
    rule: 'what a read finds supersedes what is here: here an older copy stays',
    alter: ({ copies }) => {
      open(copies).isOlder = () => false;
      copies.begin = (key) => {
        if (!open(copies).parts.coherence.isArmed || open(copies).tokens.has(key)) return undefined;
        const token = new FillToken(key);
        open(copies).tokens.set(key, token);
        return token;
      };
    },
  },
];
