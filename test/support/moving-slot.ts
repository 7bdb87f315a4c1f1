import type { Redis } from 'ioredis';
import type { RedisConnection } from 'nestjs-redis-cache';
import { eventually } from './eventually.js';

type Topology = RedisConnection['topology'];

/** A slot on its way from one primary of a cluster to another, with some of its keys here and some there. */
export class MovingSlot {
  private ended: Promise<void> | undefined;

  private constructor(
    private readonly topology: Topology,
    private readonly slot: number,
    private readonly nodes: { readonly from: Redis; readonly to: Redis; readonly toId: string },
    /** What lay in the slot when it began to move. */
    readonly names: readonly string[],
  ) {}

  /** @param name any key of the slot */
  static async begin(topology: Topology, name: string): Promise<MovingSlot> {
    const slot = await topology.primaries()[0]!.cluster('KEYSLOT', name);
    const port = await portOfOwner(topology.primaries()[0]!, slot);
    const from = topology.primaries().find((primary) => primary.options.port === port)!;
    const to = topology.primaries().find((primary) => primary !== from)!;
    const [fromId, toId] = await Promise.all(
      [from, to].map(async (node) => String(await node.call('CLUSTER', 'MYID'))),
    );
    await to.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', fromId!);
    await from.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', toId!);
    const names = (await from.call('CLUSTER', 'GETKEYSINSLOT', slot, 100_000)) as string[];
    return new MovingSlot(topology, slot, { from, to, toId: toId! }, names);
  }

  async move(names: readonly string[]): Promise<void> {
    const { from, to } = this.nodes;
    for (const name of names) await from.call('MIGRATE', '127.0.0.1', to.options.port!, name, 0, 5_000, 'REPLACE');
  }

  /** As a MIGRATE leaves it that has run out of time: in both places. */
  async copy(names: readonly string[]): Promise<void> {
    const { from, to } = this.nodes;
    for (const name of names) {
      const dump = await from.dumpBuffer(name);
      await Promise.all([to.asking(), to.call('RESTORE', name, 0, dump)]);
    }
  }

  /** Moves what is left, and waits until all nodes agree who has the slot. Again it does nothing. */
  end(): Promise<void> {
    this.ended ??= this.endOnce();
    return this.ended;
  }

  private async endOnce(): Promise<void> {
    const { from, to, toId } = this.nodes;
    await this.move((await from.call('CLUSTER', 'GETKEYSINSLOT', this.slot, 100_000)) as string[]);
    // The new owner first: until it knows, the old one would send clients back and forth.
    for (const node of new Set([to, from, ...this.topology.primaries()]))
      await node.call('CLUSTER', 'SETSLOT', this.slot, 'NODE', toId);
    // News that were on their way can turn a bystander back for a moment.
    await eventually(async () => {
      for (const node of this.topology.primaries()) expect(await portOfOwner(node, this.slot)).toBe(to.options.port);
    });
  }
}

async function portOfOwner(asked: Redis, slot: number): Promise<number | undefined> {
  const ranges = (await asked.cluster('SLOTS')) as unknown as [number, number, [string, number]][];
  return ranges.find(([first, last]) => first <= slot && slot <= last)?.[2][1];
}
