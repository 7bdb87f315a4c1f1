import { toTtlMs } from '../core/common/index.js';
import { parseHostAndPort, parseRedisUrl, resolveConnection } from '../core/connection/index.js';
import { requirePrefix } from '../core/keys/index.js';
import { PEM_EXPECTED, problemOfPem, toDuration, toList, toTtl } from './environment-values.js';
import { passes, Variable } from './variable.decorator.js';

const connects = (options: object): boolean => passes(() => resolveConnection('', '', options));

const url = {
  expected: "a URL such as 'redis://user:password@host:6379/0' (rediss:// for TLS)",
  accepts: (text: string) => passes(() => parseRedisUrl('', text)),
};
const text = { expected: 'a text that is not empty', accepts: (given: string) => given !== '' };
const boolean = {
  expected: "'true' or 'false' ('1' or '0')",
  accepts: (given: string) => /^(true|false|1|0)$/.test(given),
};
const pem = {
  expected: PEM_EXPECTED,
  accepts: (given: string) => problemOfPem(given) === undefined,
  got: problemOfPem,
};
const timer = (option: 'connectTimeout' | 'commandTimeout' | 'keepAlive') => ({
  expected: "a duration such as '5s', or milliseconds, of at most 24 days",
  accepts: (given: string) => connects({ host: 'localhost', [option]: toDuration(given) }),
});
const port = {
  expected: (given: unknown) => {
    const isOfKubernetes = typeof given === 'string' && given.startsWith('tcp://');
    const hint = ' (a Kubernetes service called "redis" sets this variable to a URL: set enableServiceLinks: false)';
    return `a port from 1 to 65535${isOfKubernetes ? hint : ''}`;
  },
  accepts: (given: string) => /^\d{1,5}$/.test(given) && connects({ host: 'localhost', port: Number(given) }),
};

/**
 * Every environment variable this library reads, checked by class-validator. An empty one counts as not set. Durations
 * carry their unit (`5m`, `250ms`), or are a bare number of milliseconds. Exactly one of `REDIS_URL`, `REDIS_HOST`,
 * `REDIS_SOCKET_PATH` and `REDIS_CLUSTER_NODES` says where Redis is.
 */
export class RedisEnvironment {
  @Variable(url) REDIS_URL?: string;

  @Variable({
    expected: 'the name or the IP address of a host, without scheme, port or password',
    accepts: (host) => connects({ host }),
  })
  REDIS_HOST?: string;
  /** @default 6379 */
  @Variable(port) REDIS_PORT?: string;
  /** The path of a unix socket. */
  @Variable({ expected: 'the path of a unix socket', accepts: (path) => connects({ path }) })
  REDIS_SOCKET_PATH?: string;
  /** Some nodes of a cluster: `host:port,host:port`. */
  @Variable({
    expected: "addresses such as '10.0.0.1:6379,10.0.0.2:6379'",
    accepts: (given) => passes(() => toList(given).map((node) => parseHostAndPort('', node))),
  })
  REDIS_CLUSTER_NODES?: string;

  @Variable(text) REDIS_USERNAME?: string;
  @Variable(text) REDIS_PASSWORD?: string;
  /** @default 0 */
  @Variable({
    expected: 'the number of a database',
    accepts: (given) => /^\d{1,7}$/.test(given) && connects({ host: 'localhost', db: Number(given) }),
  })
  REDIS_DB?: string;

  /** @default false, or what the URL says */
  @Variable(boolean) REDIS_TLS?: string;
  @Variable(pem) REDIS_TLS_CA?: string;
  @Variable(pem) REDIS_TLS_CERT?: string;
  @Variable(pem) REDIS_TLS_KEY?: string;
  @Variable(text) REDIS_TLS_SERVERNAME?: string;
  /** @default true */
  @Variable(boolean) REDIS_TLS_REJECT_UNAUTHORIZED?: string;

  /**
   * A second Redis, one that does not evict, as the connection `durable`. With `rediss://` the certificates, the server
   * name and `REDIS_TLS_REJECT_UNAUTHORIZED` apply to it too.
   */
  @Variable(url) REDIS_DURABLE_URL?: string;

  /** @default app */
  @Variable({
    expected: 'a text without braces, and without "cache", "session" or another word of ours between ":"',
    accepts: (given) => passes(() => requirePrefix('', given)),
  })
  REDIS_KEY_PREFIX?: string;
  /** @default 5s */
  @Variable(timer('connectTimeout')) REDIS_CONNECT_TIMEOUT?: string;
  /** @default 1s */
  @Variable(timer('commandTimeout')) REDIS_COMMAND_TIMEOUT?: string;
  /** @default 30s */
  @Variable(timer('keepAlive')) REDIS_KEEPALIVE?: string;

  /** `false` switches caching off. @default true */
  @Variable(boolean) CACHE_ENABLED?: string;
  /** @default 5m */
  @Variable({
    expected: "a duration such as '5m', milliseconds, or 'forever'",
    accepts: (given) => passes(() => toTtlMs('', toTtl(given))),
  })
  CACHE_TTL?: string;
}

/** Variables of features this version does not have. To ignore them would be unsafe: they stop the boot. */
export const VARIABLES_NOT_YET = ['REDIS_SENTINELS', 'REDIS_SENTINEL_NAME', 'CACHE_ENCRYPTION_KEYS'] as const;
