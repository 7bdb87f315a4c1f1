import type { ConnectionOptions as TlsOptions } from 'node:tls';
import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis';
import type { Duration, RetryPolicy } from '../common/index.js';

export type RedisClient = Redis | Cluster;

interface SharedOptions {
  /**
   * How long the boot waits for the first connection before it goes on (or stops, see `onBoot`). Also how long each
   * later attempt to connect may take, except with a `client` of your own, which has its own `connectTimeout`.
   * @default '5s'
   */
  readonly connectTimeout?: Duration;
  /**
   * How long a call of this library may take, all included: opening the connection when it is the first, and retries.
   * Then it fails with `COMMAND_TIMEOUT`, or with `REDIS_UNAVAILABLE` when Redis was not reached. Commands that you send
   * with the ioredis client itself have no such limit.
   * @default '1s'
   */
  readonly commandTimeout?: Duration;
  /** Interval of TCP keep-alive probes; a `client` of your own has its own. @default '30s' */
  readonly keepAlive?: Duration;
  /**
   * For reads and whatever else may be sent twice, after a lost connection; the delay doubles with each attempt.
   * @default { attempts: 3, delay: '100ms' }
   */
  readonly retry?: { readonly attempts?: number; readonly delay?: Duration };
  /**
   * When Redis is away at boot: `'degrade'` starts all the same and keeps trying, `'fail'` stops the boot.
   * @default 'degrade'
   */
  readonly onBoot?: 'degrade' | 'fail';
}

interface Credentials {
  readonly username?: string;
  readonly password?: string;
  /** `true`, or the options of Node's `tls.connect`: `ca`, `cert`, `key`, `servername`, `rejectUnauthorized`. */
  readonly tls?: boolean | TlsOptions;
}

interface Targets {
  url: Credentials & {
    /** `redis://user:password@host:6379/0`, or `rediss://` for TLS. */
    readonly url: string;
    readonly db?: number;
  };
  host: Credentials & {
    readonly host: string;
    /** @default 6379 */
    readonly port?: number;
    /** @default 0 */
    readonly db?: number;
  };
  path: Omit<Credentials, 'tls'> & {
    /** The path of a unix socket. */
    readonly path: string;
    readonly db?: number;
  };
  cluster: Credentials & {
    /** Some nodes of the cluster, as `'host:port'`; the others are found through them. */
    readonly cluster: readonly string[];
    /** Addresses as the nodes name them (`'host:port'`), to those they are reached at from here (NAT, containers). */
    readonly natMap?: ClusterOptions['natMap'];
  };
  client: {
    /**
     * An ioredis client of your own. It is used as it is and never closed by us. Create it with
     * `maxRetriesPerRequest: 0` and `autoResendUnfulfilledCommands: false`, a `Cluster` with `retryDelayOnFailover: 0`:
     * left to its defaults it sends a write a second time after a lost connection, and a warning tells so at boot.
     */
    readonly client: RedisClient;
  };
}

type TargetOptions = { [K in keyof Targets]: Targets[K] & { readonly [Other in Exclude<keyof Targets, K>]?: never } };

/** How one Redis is reached: by `url`, by `host`, by the `path` of a socket, as a `cluster`, or with your own `client`. */
export type ConnectionOptions = SharedOptions & TargetOptions[keyof Targets];

export type ConnectionTarget =
  | { readonly kind: 'standalone'; readonly redis: RedisOptions }
  | {
      readonly kind: 'cluster';
      readonly nodes: readonly { host: string; port: number }[];
      readonly redis: RedisOptions;
      readonly natMap?: ClusterOptions['natMap'];
    }
  | { readonly kind: 'client'; readonly client: RedisClient };

export interface ResolvedConnection {
  readonly name: string;
  /** For messages: host and port, or the socket's path; never a password. */
  readonly address: string;
  readonly target: ConnectionTarget;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly retry: RetryPolicy;
  readonly onBoot: 'degrade' | 'fail';
}
