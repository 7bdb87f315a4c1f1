import { toMs, toTtlMs } from '../core/common/index.js';
import { parseHostAndPort, parseRedisUrl } from '../core/connection/index.js';
import { requirePrefix } from '../core/keys/index.js';
import { toDuration, toList, toTtl } from './environment-values.js';
import { passes, Variable } from './variable.decorator.js';

const url = {
  expected: "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)",
  accepts: (text: string) => passes(() => parseRedisUrl('', text)),
};
const text = { expected: 'a text that is not empty', accepts: (given: string) => given !== '' };
const boolean = { expected: "'true' or 'false'", accepts: (given: string) => /^(true|false|1|0)$/.test(given) };
const pem = { expected: 'PEM text or the path of a file that holds it', accepts: (given: string) => given !== '' };
const duration = {
  expected: "a duration such as '5s', or milliseconds",
  accepts: (given: string) => passes(() => toMs('', toDuration(given))),
};
const port = {
  expected:
    'a port from 1 to 65535 (a Kubernetes service called "redis" sets this variable to a URL: set enableServiceLinks: false)',
  accepts: (given: string) => /^\d{1,5}$/.test(given) && Number(given) >= 1 && Number(given) <= 65_535,
};

/**
 * Every environment variable this library reads, checked by class-validator. An empty one counts as not set. Durations
 * carry their unit (`5m`, `250ms`), or are a bare number of milliseconds. Exactly one of `REDIS_URL`, `REDIS_HOST`,
 * `REDIS_SOCKET_PATH` and `REDIS_CLUSTER_NODES` says where Redis is.
 */
export class RedisEnvironment {
  @Variable(url) REDIS_URL?: string;

  @Variable(text) REDIS_HOST?: string;
  /** @default 6379 */
  @Variable(port) REDIS_PORT?: string;
  /** The path of a unix socket. */
  @Variable(text) REDIS_SOCKET_PATH?: string;
  /** Some nodes of a cluster: `host:port,host:port`. */
  @Variable({
    expected: "addresses such as '10.0.0.1:6379,10.0.0.2:6379'",
    accepts: (given) => passes(() => toList(given).map((node) => parseHostAndPort('', node))),
  })
  REDIS_CLUSTER_NODES?: string;

  @Variable(text) REDIS_USERNAME?: string;
  @Variable(text) REDIS_PASSWORD?: string;
  /** @default 0 */
  @Variable({ expected: 'the number of a database', accepts: (given) => /^\d{1,6}$/.test(given) }) REDIS_DB?: string;

  /** @default false, or what the URL says */
  @Variable(boolean) REDIS_TLS?: string;
  @Variable(pem) REDIS_TLS_CA?: string;
  @Variable(pem) REDIS_TLS_CERT?: string;
  @Variable(pem) REDIS_TLS_KEY?: string;
  @Variable(text) REDIS_TLS_SERVERNAME?: string;
  /** @default true */
  @Variable(boolean) REDIS_TLS_REJECT_UNAUTHORIZED?: string;

  /** A second Redis, one that does not evict, as the connection `durable`. */
  @Variable(url) REDIS_DURABLE_URL?: string;

  /** @default app */
  @Variable({
    expected: 'a text without braces, and without "cache", "session" or another word of ours between ":"',
    accepts: (given) => passes(() => requirePrefix('', given)),
  })
  REDIS_KEY_PREFIX?: string;
  /** @default 5s */
  @Variable(duration) REDIS_CONNECT_TIMEOUT?: string;
  /** @default 1s */
  @Variable(duration) REDIS_COMMAND_TIMEOUT?: string;
  /** @default 30s */
  @Variable(duration) REDIS_KEEPALIVE?: string;

  /** @default 5m */
  @Variable({
    expected: "a duration such as '5m', milliseconds, or 'forever'",
    accepts: (given) => passes(() => toTtlMs('', toTtl(given))),
  })
  CACHE_TTL?: string;
}

/** Variables of features this version does not have. To ignore them would be unsafe: they stop the boot. */
export const VARIABLES_NOT_YET = ['REDIS_SENTINELS', 'REDIS_SENTINEL_NAME', 'CACHE_ENCRYPTION_KEYS'] as const;
