import { launchCluster, launchRedis } from '../../tools/redis/index.mjs';

interface SharedServers {
  stop(): Promise<void>;
}

declare global {
  var __SHARED_SERVERS__: SharedServers | undefined;
}

/** One server and one cluster for the whole run. Each project calls this; the first call starts them. */
export default async function globalSetup(): Promise<void> {
  if (globalThis.__SHARED_SERVERS__ !== undefined) return;
  const [redis, cluster] = await Promise.all([launchRedis(), launchCluster()]);
  process.env.REDIS_URL = redis.url; // inherited by Jest's workers
  process.env.TEST_CLUSTER_NODES = cluster.nodes.map(({ port }) => `127.0.0.1:${port}`).join(',');
  globalThis.__SHARED_SERVERS__ = {
    stop: async () => void (await Promise.all([redis.stop(), cluster.stop()])),
  };
}
