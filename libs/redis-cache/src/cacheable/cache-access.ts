import { AsyncLocalStorage } from 'node:async_hooks';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { CacheService } from '../cache/index.js';
import { type ClassKind, kindOfClass } from './class-kind.js';
import { KeyClaims } from './key-claims.js';

/**
 * The token of the {@link CacheAccess}, and the property of decorated instances that holds it. Nest quotes it when
 * nobody provides it: hence the sentence.
 */
export const CACHE_ACCESS = Symbol.for(
  'the cache behind @Cacheable, @CacheEvict and @CachePut: import RedisCacheModule.forRoot({ … }) in the root module, ' +
    'or put ...provideFakeRedisCache() among the providers of a test',
);

/** The namespace of decorated methods that name none. */
const DEFAULT_NAMESPACE = 'default';

interface LoadUnderWay {
  readonly name: string;
  /** The load that it is part of. */
  readonly outer: LoadUnderWay | undefined;
  hasEnded: boolean;
}

/** What the decorated methods of one application work with. Nothing of it is shared between applications. */
export class CacheAccess implements OnApplicationShutdown {
  readonly claims = new KeyClaims();
  private readonly logger = new Logger('RedisCache');
  private readonly caches = new Map<string, CacheService>();
  private readonly varying = new Set<string>();
  private readonly kinds = new WeakMap<object, ClassKind>();
  private readonly warned = new Set<string>();
  private readonly loading = new AsyncLocalStorage<LoadUnderWay>();

  constructor(private readonly cache: CacheService) {}

  /** @throws UnknownNamespaceError */
  cacheOf(namespace: string | undefined): CacheService {
    if (namespace === undefined) return this.cache;
    const known = this.caches.get(namespace) ?? this.cache.namespace(namespace);
    this.caches.set(namespace, known);
    return known;
  }

  /** Notes that keys of a namespace have variants. */
  noteVariants(namespace: string | undefined): void {
    this.varying.add(namespace ?? DEFAULT_NAMESPACE);
  }

  /** Whether a decorated method of this application has keys with variants there. */
  hasVariants(namespace: string | undefined): boolean {
    return this.varying.has(namespace ?? DEFAULT_NAMESPACE);
  }

  /** Says what a class is, for those whose metadata does not tell: they depend on something request-scoped. */
  noteKind(prototype: object, kind: ClassKind): void {
    this.kinds.set(prototype, kind);
  }

  kindOf(prototype: object): ClassKind {
    return this.kinds.get(prototype) ?? kindOfClass(prototype);
  }

  /** Loads, knowing what for: a load that asks for its own key again must not wait for itself. */
  async whileLoading<T>(namespace: string | undefined, key: string, load: () => Promise<T>): Promise<T> {
    const underWay: LoadUnderWay = { name: nameOf(namespace, key), outer: this.loading.getStore(), hasEnded: false };
    try {
      return await this.loading.run(underWay, load);
    } finally {
      underWay.hasEnded = true; // what it has left behind (a timer, a pool) may ask like anybody
    }
  }

  isLoading(namespace: string | undefined, key: string): boolean {
    const name = nameOf(namespace, key);
    let underWay = this.loading.getStore();
    while (underWay !== undefined && (underWay.hasEnded || underWay.name !== name)) underWay = underWay.outer;
    return underWay !== undefined;
  }

  /** Every store that is in use costs each promise of the process a little, also after its application has ended. */
  onApplicationShutdown(): void {
    this.loading.disable();
  }

  /** @param about what the warning is about; there is one for each */
  warnOnce(about: string, message: string): void {
    if (this.warned.has(about)) return;
    this.warned.add(about);
    this.logger.warn(message);
  }
}

function nameOf(namespace: string | undefined, key: string): string {
  return `${namespace ?? DEFAULT_NAMESPACE}\0${key}`;
}
