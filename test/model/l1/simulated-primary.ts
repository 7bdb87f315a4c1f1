import type { VirtualTime } from './virtual-time.js';

/** What was stored under a key at some time. */
export interface Version {
  readonly number: number;
  readonly key: string;
  readonly createdAtMs: number;
  readonly freshUntilMs: number;
  /** When it was no longer the value, and as the how manieth step of its server. */
  superseded?: { readonly at: number; readonly step: number; readonly server: Server };
}

/** What a server tells of a change: the key, or `null` for all. */
export type Push = (key: string | null, step: number) => void;

const REDIS_CLOCK_MS = 1_699_999_963_000;

/** One server of a primary and its replica. */
export class Server {
  readonly values = new Map<string, Version>();
  readonly trackers = new Set<Push>();

  constructor(readonly runId: string) {}
}

/** A primary with a replica that follows at once, until it is cut off and the replica takes over. */
export class SimulatedPrimary {
  readonly versions: Version[] = [];
  private master: Server;
  private follower: Server | undefined;
  private steps = 0;

  constructor(
    private readonly time: VirtualTime,
    readonly name: string,
  ) {
    this.master = new Server(`${name}-old`);
    this.follower = new Server(`${name}-new`);
  }

  get current(): Server {
    return this.master;
  }

  get redisMs(): number {
    return this.time.now + REDIS_CLOCK_MS;
  }

  /** The order of what the servers do. */
  step(): number {
    return (this.steps += 1);
  }

  read(server: Server, key: string): Version | undefined {
    const version = server.values.get(key);
    return version !== undefined && this.redisMs < version.freshUntilMs ? version : undefined;
  }

  write(key: string, ttlMs: number): void {
    const now = this.redisMs;
    const version: Version = { number: this.versions.length, key, createdAtMs: now, freshUntilMs: now + ttlMs };
    this.versions.push(version);
    this.replace(key, version);
  }

  /** @returns the newest version it concerns */
  evict(key: string): number {
    this.replace(key, undefined);
    return this.versions.length - 1;
  }

  flush(): void {
    for (const key of this.master.values.keys()) this.supersede(key);
    for (const server of this.servers()) server.values.clear();
    this.tell(null);
  }

  /** The primary is cut off, answers whoever still asks it, and the replica takes over. @returns the one cut off */
  failOver(): Server {
    const isolated = this.master;
    this.master = this.follower ?? this.master;
    this.follower = undefined;
    return isolated;
  }

  private replace(key: string, version: Version | undefined): void {
    this.supersede(key);
    for (const { values } of this.servers()) {
      if (version === undefined) values.delete(key);
      else values.set(key, version);
    }
    this.tell(key);
  }

  private supersede(key: string): void {
    const version = this.master.values.get(key);
    if (version !== undefined) version.superseded ??= { at: this.time.now, step: this.step(), server: this.master };
  }

  private tell(key: string | null): void {
    const step = this.step();
    for (const { trackers } of this.servers()) for (const push of trackers) push(key, step);
  }

  private servers(): Server[] {
    return this.follower === undefined ? [this.master] : [this.master, this.follower];
  }
}
