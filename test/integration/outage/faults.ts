import { Redis } from 'ioredis';
import { launchServer, type Server } from '../../../tools/redis/index.mjs';
import { type Fault, type FaultProxy, startFaultProxy } from '../../support/fault-proxy.js';
import type { Situation } from './operations.js';

/** Nothing is lost with the process. */
const LOGGED = ['--appendonly', 'yes', '--appendfsync', 'always'];

/** A server behind a proxy, and somebody who speaks to it directly. */
export class FaultyServer {
  private constructor(
    private server: Server,
    readonly proxy: FaultProxy,
    readonly admin: Redis,
  ) {}

  static async start(): Promise<FaultyServer> {
    const server = await launchServer({ quiet: true, args: LOGGED });
    const admin = new Redis(server.url, { retryStrategy: () => 50 });
    admin.on('error', () => undefined);
    return new FaultyServer(server, await startFaultProxy(server.port), admin);
  }

  get pid(): number {
    return this.server.pid!;
  }

  kill(): Promise<unknown> {
    return this.server.kill();
  }

  /** With the data it had. */
  restart(): Promise<void> {
    return this.start(LOGGED);
  }

  /** With what it has last saved. */
  restartFromFile(): Promise<void> {
    return this.start([]);
  }

  async stop(): Promise<void> {
    this.admin.disconnect();
    await this.proxy.stop();
    await this.server.stop();
  }

  private async start(args: string[]): Promise<void> {
    const { port, dir } = this.server;
    this.server = await launchServer({ quiet: true, port, dir, args });
  }
}

export interface FaultOfServer {
  readonly name: string;
  /** Missing when everything works as ever. */
  readonly situation?: Situation;
  /** Before the last eviction that is heard. */
  readonly prepare?: (server: FaultyServer) => Promise<unknown>;
  readonly begin: (server: FaultyServer) => Promise<unknown> | void;
  readonly end: (server: FaultyServer) => Promise<unknown> | void;
}

const PAUSE_MS = 4_000;

const ofTheProxy = (fault: Fault, situation?: Situation): FaultOfServer => ({
  name: fault,
  ...(situation === undefined ? {} : { situation }),
  begin: ({ proxy }) => proxy.misbehave(fault),
  end: ({ proxy }) => proxy.misbehave('none'),
});

export const FAULTS: readonly FaultOfServer[] = [
  ofTheProxy('black hole', 'away'),
  ofTheProxy('drop replies', 'away'),
  ofTheProxy('reset', 'away'),
  ofTheProxy('loading', 'away'),
  ofTheProxy('delay'),
  {
    name: 'CLIENT PAUSE',
    situation: 'away',
    // It ends by itself: a server that pauses everybody does not listen to UNPAUSE either.
    begin: ({ admin }) => admin.client('PAUSE', PAUSE_MS, 'ALL'),
    end: () => undefined,
  },
  {
    name: 'SIGSTOP',
    situation: 'away',
    begin: ({ pid }) => void process.kill(pid, 'SIGSTOP'),
    end: ({ pid }) => void process.kill(pid, 'SIGCONT'),
  },
  { name: 'kill and restart', situation: 'away', begin: (server) => server.kill(), end: (server) => server.restart() },
  {
    name: 'restart from an old file',
    situation: 'away',
    prepare: ({ admin }) => admin.save(),
    begin: (server) => server.kill(),
    end: (server) => server.restartFromFile(),
  },
  {
    name: 'full memory',
    situation: 'full',
    begin: ({ admin }) => admin.config('SET', 'maxmemory', '1'),
    end: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
  },
  {
    name: 'READONLY',
    situation: 'read-only',
    begin: ({ admin }) => admin.replicaof('127.0.0.1', 1),
    end: ({ admin }) => admin.replicaof('NO', 'ONE'),
  },
  { name: 'NOSCRIPT', begin: ({ admin }) => admin.script('FLUSH'), end: () => undefined },
];
