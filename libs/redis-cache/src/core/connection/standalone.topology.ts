import type { Redis } from 'ioredis';
import { closeClient, connectClient } from './client-lifecycle.js';
import type { ClientOwner, Topology } from './topology.js';

/** One server. */
export class StandaloneTopology implements Topology {
  readonly kind = 'standalone';

  private readonly address: string;

  constructor(
    readonly client: Redis,
    private readonly owner: ClientOwner,
  ) {
    const { path, host, port } = client.options;
    this.address = path ?? `${host}:${port}`;
  }

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

  addresses(): readonly string[] {
    return [this.address];
  }

  addressOf(): string {
    return this.address;
  }

  clientAt(): Redis {
    return this.client;
  }

  onServers(listener: () => void): () => void {
    this.client.on('connect', listener);
    return () => void this.client.off('connect', listener);
  }

  async refresh(): Promise<void> {}

  onChange(listener: () => void): () => void {
    this.client.on('ready', listener);
    return () => void this.client.off('ready', listener);
  }
}
