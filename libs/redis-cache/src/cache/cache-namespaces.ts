import type { OnApplicationShutdown } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { ClassRegistry, type Codec } from '../core/codec/index.js';
import { InvalidOptionError } from '../core/common/index.js';
import type { RedisConnection, RedisConnections } from '../core/connection/index.js';
import type { EventBus } from '../core/events/index.js';
import { KeySpace } from '../core/keys/index.js';
import { CacheNamespace } from './cache-namespace.js';
import { CacheScopes } from './cache-scopes.js';
import { UnknownNamespaceError } from './cache.errors.js';
import type { CacheEvents } from './cache.events.js';
import type { OnError, ResolvedCacheOptions, ResolvedNamespace, VaryByContext } from './cache.options.js';
import type { InvalidationResult } from './invalidation-plan.js';
import type { ResolvedL1 } from './l1.options.js';
import { LocalCopies } from './local-copies.js';
import { codecOf } from './namespace-codec.js';
import { NamespaceKeys } from './namespace-keys.js';
import { SwitchedOffNamespace } from './switched-off-namespace.js';
import { WakeUps } from './wake-ups.js';

export const CACHE_TIMES = {
  leaseMs: 10_000,
  loaderTimeoutMs: 30_000,
  waitTimeoutMs: 30_000,
  indexTtlMs: 7 * 24 * 3_600_000,
};

export interface OpenNamespace {
  readonly namespace: CacheNamespace;
  readonly connection: Pick<RedisConnection, 'open' | 'ping'>;
}

interface CopiedNamespace {
  readonly name: string;
  readonly keys: NamespaceKeys;
  readonly codec: Codec;
  readonly limits: ResolvedL1;
  readonly onError: OnError;
}

/** What is said of a namespace that concerns the arguments and the callers of decorated methods. */
export interface NamespaceTraits {
  /** The classes whose instances are kept: they may be arguments too. */
  readonly classes: ClassRegistry;
  readonly varyBy: readonly VaryByContext[];
  readonly hasIndex: boolean;
  readonly keepsTags: boolean;
}

/** The namespaces of one application: what was declared, and each one opened once. */
export class CacheNamespaces implements OnApplicationShutdown {
  /** What is under way around calls of this application. */
  readonly scopes = new CacheScopes();
  private readonly declared = new Map<string, ResolvedNamespace>();
  private readonly opened = new Map<string, OpenNamespace>();
  private readonly wakeUps = new Map<RedisConnection, WakeUps>();

  constructor(
    private readonly options: ResolvedCacheOptions & { readonly keyPrefix: string },
    private readonly connections: RedisConnections,
    private readonly events: EventBus<CacheEvents>,
  ) {
    for (const namespace of [options.defaults, ...options.namespaces]) this.declare(namespace);
  }

  /** What a namespace inherits where its own options say nothing. */
  get defaults(): ResolvedNamespace {
    return this.options.defaults;
  }

  /** @throws InvalidOptionError when it was declared before, with other options */
  declare(namespace: ResolvedNamespace): void {
    const earlier = this.declared.get(namespace.name);
    if (earlier !== undefined && !isSame(earlier, namespace)) {
      throw new InvalidOptionError(
        `The cache namespace "${namespace.name}"`,
        'is declared twice, with different options. Declare it in one place, or with the same options in both.',
      );
    }
    this.declared.set(namespace.name, earlier ?? namespace);
  }

  /** @throws UnknownNamespaceError */
  open(name: string): OpenNamespace {
    const open = this.opened.get(name) ?? this.create(this.declaredAs(name));
    this.opened.set(name, open);
    return open;
  }

  /** @throws UnknownNamespaceError */
  traitsOf(name: string): NamespaceTraits {
    const declared = this.declaredAs(name);
    const { classes, varyBy, index } = declared;
    const keepsTags = index && codecOf(declared).format === 'enveloped';
    return { classes: new ClassRegistry(classes), varyBy, hasIndex: index, keepsTags };
  }

  onApplicationShutdown(): void {
    this.scopes.close();
    for (const [name, { namespace }] of this.opened) {
      const pending = namespace.close();
      if (pending > 0) this.events.publish('cache:evictions-lost', { namespace: name, pending });
    }
  }

  /** Clears all declared namespaces, one after the other. */
  async clearAll(): Promise<InvalidationResult> {
    const results: InvalidationResult[] = [];
    for (const name of this.declared.keys()) results.push(await this.scopes.viewOf(this.open(name).namespace).clear());
    return {
      ...results[0]!,
      removed: results.reduce((sum, { removed }) => sum + removed, 0),
      delivered: results.every(({ delivered }) => delivered),
    };
  }

  protected create(declared: ResolvedNamespace): OpenNamespace {
    const { name, onError, onUndelivered, minReplicas } = declared;
    const connection = this.connections.get(declared.connection, declared.connectionOption);
    const space = this.spaceOn(connection.topology);
    const parts = {
      ...{ name, ttlMs: declared.ttlMs, hasIndex: declared.index, connection, events: this.events, times: CACHE_TIMES },
      ...{ onError, onUndelivered, minReplicas, codec: codecOf(declared) },
      ...{ keys: new NamespaceKeys(space, name), wakeUps: this.wakeUpsOf(connection, space) },
    };
    if (!this.options.isEnabled) return switchedOff(parts);
    const local = declared.l1 && this.copiesIn(connection, { ...parts, limits: declared.l1 });
    return { namespace: new CacheNamespace({ ...parts, local }), connection };
  }

  private copiesIn(connection: RedisConnection, { name, keys, codec, limits, onError }: CopiedNamespace): LocalCopies {
    const { tracking, clock } = connection;
    const local = new LocalCopies({
      ...{ limits, codec, clock, coherence: tracking.coherence, keyOf: (entry) => keys.keyOf(entry) },
      keepsStale: onError === 'stale',
      onOutweighed: (counts) => this.events.publish('cache:l1-outweighed', { namespace: name, ...counts }),
    });
    this.expectChanges(connection);
    tracking.listen(keys.prefix, local);
    return local;
  }

  /** All prefixes that are known are told before tracking begins: each that comes later has it begin anew. */
  private expectChanges({ name, tracking, topology }: RedisConnection): void {
    const space = this.spaceOn(topology);
    for (const { l1, connection, name: namespace } of this.declared.values())
      if (l1 !== undefined && connection === name) tracking.expect(new NamespaceKeys(space, namespace).prefix);
  }

  private spaceOn({ kind }: RedisConnection['topology']): KeySpace {
    return new KeySpace({
      keyPrefix: this.options.keyPrefix,
      layout: kind === 'cluster' ? 'bucketed' : 'plain',
    });
  }

  private declaredAs(name: string): ResolvedNamespace {
    const declared = this.declared.get(name);
    if (declared === undefined) throw new UnknownNamespaceError(name, [...this.declared.keys()]);
    return declared;
  }

  /** One channel for all namespaces on a connection. */
  private wakeUpsOf(connection: RedisConnection, space: KeySpace): WakeUps {
    const wakeUps = this.wakeUps.get(connection) ?? new WakeUps(connection, space);
    this.wakeUps.set(connection, wakeUps);
    return wakeUps;
  }
}

/** Whatever else the connection is for, the cache leaves it alone. */
export function switchedOff(parts: ConstructorParameters<typeof SwitchedOffNamespace>[0]): OpenNamespace {
  const untouched = { open: async () => undefined, ping: async () => undefined };
  return { namespace: new SwitchedOffNamespace(parts), connection: untouched };
}

/** The place where an option was written does not matter, only what was written. */
function isSame(one: ResolvedNamespace, other: ResolvedNamespace): boolean {
  const comparable = ({ connectionOption: _, classes, ...rest }: ResolvedNamespace): unknown => ({
    ...rest,
    classes: classes.map((registration) => registration.classes),
  });
  return isDeepStrictEqual(comparable(one), comparable(other));
}
