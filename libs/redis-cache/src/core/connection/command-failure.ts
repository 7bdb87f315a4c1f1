import { isRedisCacheError, messageOf } from '../common/index.js';
import { RedisReplyError, RedisUnavailableError } from './connection.errors.js';

/** Answers of a server that is starting, changing roles or giving slots away: it did nothing, and another soon will. */
const PASSING_REPLY = /^(LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK)\b/;

/** The server understood the command and said no: `WRONGTYPE …`, `OOM …`, `NOPERM …`, `ERR …`. */
const REPLY = /^[A-Z]{3,}( |$)/;

/** ioredis gives up after as many redirections as it may follow: none of them was an answer. */
const REDIRECTIONS = /^Too many Cluster redirections\. Last error: (ReplyError: )?/;

/** Gives an error of the client the form this library promises. */
export function toCommandFailure(error: unknown, address: string): unknown {
  if (isRedisCacheError(error)) return error;
  const reply = replyOf(error);
  const isReply = (error as { name?: unknown } | null)?.name === 'ReplyError' || REPLY.test(reply);
  return isReply
    ? new RedisReplyError(address, reply, { cause: withoutArguments(error) })
    : new RedisUnavailableError(address, 'unknown', { cause: withoutArguments(error) });
}

/** Whether trying again may succeed, and can do no harm. */
export function mayTryAgain(error: unknown, resend: 'safe' | 'never'): boolean {
  if (isRedisCacheError(error, 'REDIS_REPLY')) return PASSING_REPLY.test(replyOf(error.cause));
  if (!isRedisCacheError(error, 'REDIS_UNAVAILABLE')) return false;
  return resend === 'safe' || (error as unknown as RedisUnavailableError).outcome === 'not-sent';
}

/** Whether the slot belongs to another node than the client believes. */
export function tellsOfMove(error: unknown): boolean {
  return isRedisCacheError(error, 'REDIS_REPLY') && replyOf(error.cause).startsWith('MOVED ');
}

function replyOf(error: unknown): string {
  return messageOf(error).replace(REDIRECTIONS, '');
}

/** ioredis puts the command into its errors, and the arguments of AUTH and SET are passwords and values. */
export function withoutArguments(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return error;
  for (const field of ['command', 'previousErrors', 'lastNodeError']) Reflect.deleteProperty(error, field);
  return error;
}
