import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { ClusterTopology } from './cluster.topology.js';
import type { ResolvedConnection } from './connection.options.js';
import { reconnectDelayMs } from './reconnect-delay.js';
import { StandaloneTopology } from './standalone.topology.js';
import type { Topology } from './topology.js';

/** A batch costs them more than it saves, and has them wait for the next turn of the event loop. */
const SENT_AT_ONCE = ['eval', 'evalsha', 'hdel'];
/** ioredis waits this long for a socket to end, also for one that has ended already. */
const SOCKET_ENDS_WITHIN_MS = 100;

/** Creates the client of a connection. No socket is opened before `connect`, or before the client's first command. */
export function createTopology(connection: ResolvedConnection): Topology {
  const { target } = connection;
  switch (target.kind) {
    case 'client':
      return target.client.isCluster
        ? new ClusterTopology(target.client as Cluster, 'user')
        : new StandaloneTopology(target.client as Redis, 'user');
    case 'cluster':
      return new ClusterTopology(
        new Cluster([...target.nodes], {
          lazyConnect: true,
          enableAutoPipelining: true,
          // Before 5.11 ioredis takes the digest of a script for its key when it chooses the node of a batch.
          autoPipeliningIgnoredCommands: SENT_AT_ONCE,
          // Left to itself the cluster client would re-send whatever was under way when a node went.
          retryDelayOnFailover: 0,
          clusterRetryStrategy: reconnectDelayMs,
          redisOptions: { ...clientOptions(connection), ...target.redis },
          ...(target.natMap === undefined ? {} : { natMap: target.natMap }),
        }),
        'connection',
      );
    case 'standalone':
      return new StandaloneTopology(
        new Redis({
          ...clientOptions(connection),
          lazyConnect: true,
          enableAutoPipelining: true,
          autoPipeliningIgnoredCommands: SENT_AT_ONCE,
          retryStrategy: reconnectDelayMs,
          ...target.redis,
        }),
        'connection',
      );
  }
}

function clientOptions({ connectTimeoutMs, keepAliveMs }: ResolvedConnection): RedisOptions {
  return {
    connectTimeout: connectTimeoutMs,
    keepAlive: keepAliveMs,
    disconnectTimeout: SOCKET_ENDS_WITHIN_MS,
    // A command that was under way when the connection went is answered at once and never sent again by the client:
    // whether that is safe only the caller knows.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    reconnectOnError: leavesReplicas(),
  };
}

/**
 * A primary that became a replica refuses writes: reconnecting finds the new primary. ioredis hangs up anew for each refusal
 * that asks for it, and listens for the end each time, so that the first of those under way asks for all.
 */
function leavesReplicas(): (error: Error) => boolean {
  let leftAt = Number.NEGATIVE_INFINITY;
  return ({ message }) => {
    const now = performance.now();
    if (!message.startsWith('READONLY') || now - leftAt < SOCKET_ENDS_WITHIN_MS) return false;
    leftAt = now;
    return true;
  };
}
