import { jest } from '@jest/globals';
import type { RedisConnection } from '../core/connection/index.js';
import { EventBus } from '../core/events/index.js';
import { KeySpace } from '../core/keys/index.js';
import type { CacheEvents } from './cache.events.js';
import { IndexRebuild } from './index-rebuild.js';
import { NamespaceKeys } from './namespace-keys.js';
import { NamespaceScan } from './namespace-scan.js';

/** A Redis that has nothing, and whose index is gone whenever a rebuild wants to end. */
function forgetfulConnection(begun: string[]): RedisConnection {
  const connection = {
    topology: { ownerOf: () => ({}) },
    send: () => Promise.resolve([Buffer.from('0'), []]),
    run: ({ name }: { name: string }) => {
      if (name === 'rebuildBegin') begun.push(name);
      return Promise.resolve(name === 'rebuildBegin');
    },
  };
  return connection as unknown as RedisConnection;
}

describe('IndexRebuild', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('gives up with a named error when the index is lost again and again, with pauses in between', async () => {
    const begun: string[] = [];
    const keys = new NamespaceKeys(new KeySpace({ keyPrefix: 'test', layout: 'plain' }), 'products');
    const connection = forgetfulConnection(begun);
    const parts = { connection, keys, scan: new NamespaceScan(connection, keys), events: new EventBus<CacheEvents>() };
    const rebuild = new IndexRebuild(parts, { namespace: 'products', indexTtlMs: 1_000, format: 'enveloped' });
    const outcome = expect(rebuild.run()).rejects.toMatchObject({ code: 'INDEX_INCOMPLETE', namespace: 'products' });
    await jest.advanceTimersByTimeAsync(10);
    expect(begun.length).toBeLessThan(4);
    await jest.advanceTimersByTimeAsync(60_000);
    await outcome;
    expect(begun.length).toBeLessThan(20);
  });
});
