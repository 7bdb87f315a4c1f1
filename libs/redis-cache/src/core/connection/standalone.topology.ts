import type { Redis } from 'ioredis';
import { closeClient, connectClient } from './client-lifecycle.js';
import type { ClientOwner, Topology } from './topology.js';

/** One server. */
export class StandaloneTopology implements Topology {
  readonly kind = 'standalone';

  constructor(
    readonly client: Redis,
    private readonly owner: ClientOwner,
  ) {}

  connect(): Promise<void> {
    return connectClient(this.client);
  }

  async close(): Promise<void> {
    if (this.owner === 'connection') await closeClient(this.client);
  }

  primaries(): Redis[] {
    return [this.client];
  }

  ownerOf(): Redis {
    return this.client;
  }

  async refresh(): Promise<void> {}

  onChange(listener: () => void): () => void {
    this.client.on('ready', listener);
    return () => void this.client.off('ready', listener);
  }
}
