import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { ConnectionOptions } from 'nestjs-redis-cache';
import { launchCluster, launchServer } from '../../tools/redis/index.mjs';
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.js';

type Server = Awaited<ReturnType<typeof launchServer>>;
export type LockTopology = 'standalone' | 'cluster';

const PERSISTENT = ['--appendonly', 'yes'];
const APPEND_ONLY_FILES = 'appendonlydir';
/** On a busy machine a node that is merely slow must not count as dead. */
const NODE_TIMEOUT = ['--cluster-node-timeout', '5000'];
const READY_WITHIN_MS = 15_000;

/** A server that keeps what it has acknowledged, also when it is killed, behind a proxy that may lose replies. */
export class LockServer {
  private readonly dir: string;
  private readonly lives: Server[];

  private constructor(
    private server: Server,
    private readonly args: readonly string[],
    readonly proxy: FaultProxy,
  ) {
    this.dir = server.dir!;
    this.lives = [server];
  }

  static async of(server: Server, args: readonly string[]): Promise<LockServer> {
    return new LockServer(server, args, await startFaultProxy(server.port));
  }

  private get isNode(): boolean {
    return this.args.includes('--cluster-enabled');
  }

  get port(): number {
    return this.server.port;
  }

  async freeze(ms: number): Promise<void> {
    process.kill(this.server.pid!, 'SIGSTOP');
    await pause(ms);
    process.kill(this.server.pid!, 'SIGCONT');
  }

  /** A primary of a cluster refuses commands for two seconds when it comes back; the others go on. */
  async restart({ without }: { readonly without: 'nothing' | 'its data' }): Promise<void> {
    await this.server.kill();
    // What a node of a cluster knows of the others lies beside it, and stays.
    if (without === 'its data') await rm(join(this.dir, APPEND_ONLY_FILES), { recursive: true, force: true });
    this.server = await launchServer({ quiet: true, port: this.port, dir: this.dir, args: [...this.args] });
    this.lives.push(this.server);
    if (this.isNode) await this.tell((redis) => untilReady(redis));
  }

  async tell(command: (redis: Redis) => Promise<unknown>): Promise<void> {
    const redis = new Redis(this.server.url, { lazyConnect: true });
    redis.on('error', () => undefined);
    await redis.connect();
    await command(redis);
    redis.disconnect();
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    // The first of them takes the directory along.
    for (const life of this.lives.toReversed()) await life.stop();
  }
}

/** One server, or a cluster of three primaries. */
export class LockServers {
  private constructor(
    readonly nodes: readonly LockServer[],
    /** Through the proxies. */
    readonly connection: ConnectionOptions,
  ) {}

  static async launch(topology: LockTopology): Promise<LockServers> {
    return topology === 'cluster' ? LockServers.cluster() : LockServers.standalone();
  }

  private static async standalone(): Promise<LockServers> {
    const node = await LockServer.of(await launchServer({ quiet: true, args: PERSISTENT }), PERSISTENT);
    return new LockServers([node], { host: '127.0.0.1', port: node.proxy.port });
  }

  private static async cluster(): Promise<LockServers> {
    const { nodes: servers } = await launchCluster({ quiet: true, args: [...PERSISTENT, ...NODE_TIMEOUT] });
    const nodes = await Promise.all(servers.map(async (server) => LockServer.of(server, await argumentsOf(server))));
    const proxied = (node: LockServer) => ({ host: '127.0.0.1', port: node.proxy.port });
    return new LockServers(nodes, {
      cluster: nodes.map(({ proxy }) => `127.0.0.1:${proxy.port}`),
      natMap: Object.fromEntries(nodes.map((node) => [`127.0.0.1:${node.port}`, proxied(node)])),
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}

async function untilReady(redis: Redis): Promise<void> {
  const endsAt = performance.now() + READY_WITHIN_MS;
  while (!(await redis.cluster('INFO')).includes('cluster_state:ok')) {
    if (performance.now() > endsAt) throw new Error('A node of the cluster did not come back.');
    await pause(20);
  }
}

/** Those with which a node of a cluster comes back to where the others look for it. */
async function argumentsOf({ url }: Server): Promise<string[]> {
  const redis = new Redis(url);
  const [, busPort] = (await redis.config('GET', 'cluster-port')) as [string, string];
  redis.disconnect();
  return ['--cluster-enabled', 'yes', '--cluster-port', busPort, ...NODE_TIMEOUT, ...PERSISTENT];
}
