import { jest } from '@jest/globals';
import type { RedisConnection } from '../core/connection/index.js';
import { hashSlotOf, KeySpace } from '../core/keys/index.js';
import { NamespaceKeys } from './namespace-keys.js';
import { NamespaceScan } from './namespace-scan.js';

const keys = new NamespaceKeys(new KeySpace({ keyPrefix: 'test', layout: 'bucketed' }), 'products');
const orphan = hashSlotOf(keys.buckets[0]!.index);

/** A cluster without keys, in which one slot has no owner until the topology was asked anew so many times. */
function clusterWithOrphan(refreshes: number): { connection: RedisConnection; refreshed: () => number } {
  let refreshed = 0;
  const owner = { exists: () => Promise.resolve(0), scanBuffer: () => Promise.resolve([Buffer.from('0'), []]) };
  const connection = {
    topology: {
      kind: 'cluster',
      ownerOf: (slot: number) => (slot === orphan && refreshed < refreshes ? undefined : owner),
      refresh: () => Promise.resolve(void (refreshed += 1)),
    },
    send: (command: () => Promise<unknown>) => command(),
  };
  return { connection: connection as unknown as RedisConnection, refreshed: () => refreshed };
}

describe('NamespaceScan', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('asks anew who owns a slot that has no owner, and is whole when it has one', async () => {
    const { connection, refreshed } = clusterWithOrphan(1);
    await new NamespaceScan(connection, keys).runWhole(() => Promise.resolve());
    expect(refreshed()).toBe(1);
  });

  it('gives up with a named error when a slot stays without an owner', async () => {
    const scan = new NamespaceScan(clusterWithOrphan(Infinity).connection, keys);
    const outcome = expect(scan.runWhole(() => Promise.resolve())).rejects.toMatchObject({ code: 'INDEX_INCOMPLETE' });
    await jest.advanceTimersByTimeAsync(60_000);
    await outcome;
  });

  it('does not list keys as if those of a slot without an owner were not there', async () => {
    const scan = new NamespaceScan(clusterWithOrphan(Infinity).connection, keys);
    const listing = async (): Promise<void> => {
      for await (const _ of scan.keys());
    };
    await expect(listing()).rejects.toMatchObject({ code: 'INDEX_INCOMPLETE' });
  });
});
