import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { launchServer, type Server } from '../../../tools/redis/index.mjs';

/** A server that is killed and comes back with what it has last saved. */
export class OldFileServer {
  private constructor(
    private server: Server,
    private readonly dir: string,
  ) {}

  static async start(): Promise<OldFileServer> {
    const dir = await mkdtemp(join(tmpdir(), 'old-file-'));
    return new OldFileServer(await launchServer({ quiet: true, dir }), dir);
  }

  get url(): string {
    return this.server.url;
  }

  /** A server knows since which second it has been there: what is written next is written in a later one. */
  async save(): Promise<void> {
    await this.raw('save');
    await pause(1_100);
  }

  async restart(): Promise<void> {
    await this.server.kill();
    this.server = await launchServer({ quiet: true, dir: this.dir, port: this.server.port });
  }

  async raw(command: string, ...args: string[]): Promise<unknown> {
    const client = new Redis(this.url);
    return client.call(command, ...args).finally(() => client.disconnect());
  }

  async stop(): Promise<void> {
    await this.server.kill();
    await this.server.stop();
    await rm(this.dir, { recursive: true, force: true });
  }
}
