import type { ConnectionOptions } from 'nestjs-redis-cache';
import { launchCluster, launchServer } from '../../tools/redis/index.mjs';

/** Redis for one test alone, which may flush and reconfigure it. */
export interface OwnServers {
  readonly connection: ConnectionOptions;
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

export async function ownServer(): Promise<OwnServers> {
  const { url, stop } = await launchServer({ quiet: true });
  return { connection: { url }, urls: [url], stop };
}

export async function ownCluster(): Promise<OwnServers> {
  const { nodes, urls, stop } = await launchCluster({ quiet: true });
  return { connection: { cluster: nodes.map(({ port }) => `127.0.0.1:${port}`) }, urls, stop };
}
