import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { ClusterTopology } from './cluster.topology.js';
import type { ResolvedConnection } from './connection.options.js';
import { reconnectDelayMs } from './reconnect-delay.js';
import { StandaloneTopology } from './standalone.topology.js';
import type { Topology } from './topology.js';

/** Scripts, and what is read beside them. */
const AT_ONCE = ['eval', 'evalsha', 'hgetall', 'hmget'];

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
          autoPipeliningIgnoredCommands: AT_ONCE,
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
          // A batch costs a script more than it saves, and has it wait for the next turn of the event loop.
          autoPipeliningIgnoredCommands: AT_ONCE,
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
    // ioredis waits this long for a socket to end, also for one that has ended already.
    disconnectTimeout: 100,
    // A command that was under way when the connection went is answered at once and never sent again by the client:
    // whether that is safe only the caller knows.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // A primary that became a replica refuses writes: reconnecting finds the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  };
}
