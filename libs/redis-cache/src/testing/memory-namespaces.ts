import {
  CACHE_TIMES,
  type CacheEvents,
  CacheNamespace,
  CacheNamespaces,
  codecOf,
  NamespaceKeys,
  type OpenNamespace,
  type ResolvedCacheOptions,
  type ResolvedNamespace,
  switchedOff,
  WakeUps,
} from '../cache/index.js';
import { type RedisConnection, RedisConnections } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { KeySpace } from '../core/keys/index.js';
import { FakeClock } from './fake-clock.js';
import { NamespaceMemory } from './namespace-memory.js';

/** The namespaces of one application, in memory, by one clock. */
export class MemoryNamespaces extends CacheNamespaces {
  readonly clock = new FakeClock();
  private readonly memories = new Map<string, NamespaceMemory>();

  constructor(
    private readonly settings: ResolvedCacheOptions,
    private readonly bus: EventBus<CacheEvents>,
  ) {
    super({ ...settings, keyPrefix: 'fake' }, new RedisConnections([]), bus);
  }

  /** @throws UnknownNamespaceError */
  memoryOf(name: string): NamespaceMemory {
    this.open(name);
    return this.memories.get(name)!;
  }

  protected override create(declared: ResolvedNamespace): OpenNamespace {
    const { name, ttlMs, index: hasIndex, onError, onUndelivered } = declared;
    const space = new KeySpace({ keyPrefix: 'fake', layout: 'plain' });
    const { connection, wake } = noConnection();
    const wakeUps = new WakeUps(connection, space);
    void wakeUps.open();
    const parts = {
      ...{ name, ttlMs, hasIndex, connection, wakeUps, events: this.bus, times: CACHE_TIMES },
      ...{ onError, onUndelivered, minReplicas: 0 },
      ...{ codec: codecOf(declared), keys: new NamespaceKeys(space, name) },
    };
    const memory = new NamespaceMemory({ ...parts, clock: this.clock, wake });
    this.memories.set(name, memory);
    if (!this.settings.isEnabled) return switchedOff(parts);
    return { namespace: new NamespaceInMemory(parts, memory.storage), connection };
  }
}

/** There is nothing to open, and no index to complete. */
class NamespaceInMemory extends CacheNamespace {
  override async open(): Promise<void> {}
}

/** What is left of a connection when nothing leaves the process: those who wait are woken. */
function noConnection(): { readonly connection: RedisConnection; readonly wake: (lease: string) => void } {
  let wake = (_: string): void => undefined;
  const signals: Partial<RedisConnection['signals']> = {
    isCoherent: true,
    onLost: () => undefined,
    subscribe: async (_, listener) => void (wake = listener),
  };
  const servers = { beforeUse: () => undefined, state: 'closed' };
  const guarded = { serverOf: () => 'memory', lifeOf: () => undefined };
  const connection = { open: async () => undefined, ping: async () => undefined, signals, servers, guarded };
  return { connection: connection as unknown as RedisConnection, wake: (lease) => wake(lease) };
}
