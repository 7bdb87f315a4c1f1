import { Redis } from 'ioredis';
import { launchServer } from '../../tools/redis/index.mjs';

const LANES = 8;

/** A server of our own, for it is flushed all the time, and several databases in it to play in at the same time. */
export class OwnServer {
  private constructor(
    private readonly server: { stop(): Promise<void> },
    readonly lanes: readonly Redis[],
  ) {}

  static async launch(): Promise<OwnServer> {
    const server = await launchServer({ quiet: true });
    const lanes = Array.from({ length: LANES }, (_, db) => new Redis(server.url, { db }));
    return new OwnServer(server, lanes);
  }

  /** Does the same for each element, as many at a time as there are lanes. */
  async forEach<T>(elements: Iterable<T>, work: (redis: Redis, element: T) => Promise<void>): Promise<void> {
    const rest = elements[Symbol.iterator]();
    const inLane = async (redis: Redis): Promise<void> => {
      for (let next = rest.next(); next.done !== true; next = rest.next()) await work(redis, next.value);
    };
    await Promise.all(this.lanes.map(inLane));
  }

  async stop(): Promise<void> {
    for (const redis of this.lanes) redis.disconnect();
    await this.server.stop();
  }
}
