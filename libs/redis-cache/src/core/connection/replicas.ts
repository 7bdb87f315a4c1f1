import type { Redis } from 'ioredis';
import { withDeadline } from './deadline.js';
import { ReplicasBehindError } from './connection.errors.js';
import type { Topology } from './topology.js';

interface ReplicasParts {
  readonly topology: Pick<Topology, 'addressOf' | 'addresses' | 'clientAt'>;
  readonly commandTimeoutMs: number;
}

const MARK_MS = 1_000;

/**
 * Asks replicas whether they have what was written. It has connections of its own, one for each primary and none before it is
 * asked: `WAIT` holds up all that comes behind it.
 */
export class Replicas {
  private readonly clients = new Map<string, Redis>();

  constructor(private readonly parts: ReplicasParts) {}

  /**
   * Resolves when so many replicas have all that the primary of a key has carried out before this call. `WAIT` speaks of the
   * writes of its own connection: one is made, and replicas take writes in the order of their primary.
   *
   * @param mark a key that is overwritten, and soon gone
   * @throws ReplicasBehindError
   */
  async confirm(mark: string, atLeast: number): Promise<void> {
    const { topology, commandTimeoutMs } = this.parts;
    const address = topology.addressOf(mark);
    const behind = (reached: number, cause?: unknown): ReplicasBehindError =>
      new ReplicasBehindError(address, { atLeast, reached, timeoutMs: commandTimeoutMs }, { cause });
    const asked = this.ask(address, mark, atLeast).catch((cause: unknown) => {
      throw behind(0, cause);
    });
    const reached = await withDeadline(asked, commandTimeoutMs, () => behind(0));
    if (reached < atLeast) throw behind(reached);
  }

  close(): void {
    for (const client of this.clients.values()) client.disconnect();
    this.clients.clear();
  }

  private async ask(address: string, mark: string, atLeast: number): Promise<number> {
    const client = this.clientOf(address);
    // One that is not ready may be ready within the deadline: these connections have a queue.
    const [, reached] = await Promise.all([
      client.set(mark, '', 'PX', MARK_MS),
      client.wait(atLeast, Math.ceil(this.parts.commandTimeoutMs / 2)),
    ]);
    return reached;
  }

  private clientOf(address: string): Redis {
    const known = this.clients.get(address);
    if (known !== undefined) return known;
    const primary = this.parts.topology.clientAt(address);
    if (primary === undefined) throw new Error(`There is no connection to ${address}.`);
    this.forgetOthers();
    const client = primary.duplicate({
      lazyConnect: false,
      enableAutoPipelining: false,
      enableOfflineQueue: true,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      disconnectTimeout: 100,
    });
    client.on('error', () => undefined); // told by the connection for commands
    this.clients.set(address, client);
    return client;
  }

  private forgetOthers(): void {
    const known = new Set(this.parts.topology.addresses());
    for (const [address, client] of this.clients) {
      if (known.has(address)) continue;
      client.disconnect();
      this.clients.delete(address);
    }
  }
}
