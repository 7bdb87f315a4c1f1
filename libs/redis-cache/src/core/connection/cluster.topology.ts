import type { Cluster, Redis } from 'ioredis';
import { hashSlotOf } from '../keys/index.js';
import { closeClient, connectClient } from './client-lifecycle.js';
import type { ClientOwner, Topology } from './topology.js';

const SLOTS = 16_384;

/** Several primaries that share the hash slots. */
export class ClusterTopology implements Topology {
  readonly kind = 'cluster';

  constructor(
    readonly client: Cluster,
    private readonly owner: ClientOwner,
  ) {}

  connect(): Promise<void> {
    return connectClient(this.client);
  }

  async close(): Promise<void> {
    if (this.owner === 'connection') await closeClient(this.client);
  }

  primaries(): Redis[] {
    return this.client.nodes('master');
  }

  ownerOf(slot: number): Redis | undefined {
    const address = this.client.slots[slot]?.[0];
    return address === undefined ? undefined : this.clientAt(address);
  }

  addresses(): readonly string[] {
    const { slots } = this.client;
    return [...new Set(Object.values(slots as Record<number, string[]>).flatMap(([owner]) => owner ?? []))];
  }

  addressOf(key: string): string {
    return this.client.slots[hashSlotOf(key)]?.[0] ?? 'nobody';
  }

  clientAt(address: string): Redis | undefined {
    return this.client.nodes('all').find(({ options }) => `${options.host}:${options.port}` === address);
  }

  onServers(listener: () => void): () => void {
    const events = ['+node', 'refresh'];
    for (const event of events) this.client.on(event, listener);
    return () => events.forEach((event) => void this.client.off(event, listener));
  }

  async refresh(): Promise<void> {
    if (this.client.status !== 'ready') return;
    await new Promise<void>((resolve) => this.client.refreshSlotsCache(() => resolve()));
  }

  onChange(listener: () => void): () => void {
    let known = this.slotOwners();
    const compare = (): void => {
      const owners = this.slotOwners();
      if (owners === known) return;
      known = owners;
      listener();
    };
    this.client.on('refresh', compare);
    return () => void this.client.off('refresh', compare);
  }

  /** Who owns which slots, as a text to compare: `a:1 from 0, nobody from 5460, b:2 from 5461, …`. */
  private slotOwners(): string {
    const { slots } = this.client;
    const owners = Array.from({ length: SLOTS }, (_, slot) => slots[slot]?.[0] ?? 'nobody');
    return owners.flatMap((owner, slot) => (owner === owners[slot - 1] ? [] : [`${owner} from ${slot}`])).join(', ');
  }
}
