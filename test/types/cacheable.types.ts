/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import {
  type CacheService,
  CacheConfig,
  Cacheable,
  CacheEvict,
  CachePut,
  UnitOfWork,
  wireCache,
} from 'nestjs-redis-cache';

export interface Product {
  readonly id: string;
  readonly price: number;
  readonly size: { readonly grams: bigint; readonly label?: string };
}

declare const product: Product;
declare const cache: CacheService;

export class Right {
  readonly tenant = 'a';

  // The types of functions come from the method.
  @Cacheable({
    namespace: 'products',
    key: (id) => id.trim(),
    ttl: (found, id) => (found === null || id === '' ? '10s' : found.price),
    tags: (id) => [id],
    tagsFrom: (found) => (found === null ? [] : [found.id]),
    unless: (found) => found === null,
    condition: (id) => id !== '',
    varyBy: { tenant: (id) => id.length, locale: () => undefined },
  })
  find(_id: string): Promise<Product | null> {
    return Promise.resolve(null);
  }

  // They may be written out, and so may the type of the method.
  @Cacheable({ key: (id: string) => id, ttl: (found: Product | null) => found?.price ?? '1h' })
  annotated(_id: string): Promise<Product | null> {
    return Promise.resolve(null);
  }

  @Cacheable<Right['explicit']>({ key: (id) => id.trim(), unless: (found, id) => found === null || id === '' })
  explicit(_id: string): Promise<Product | null> {
    return Promise.resolve(null);
  }

  @Cacheable()
  byDefault(_id: string, _page?: number): Promise<Product> {
    return Promise.resolve(product);
  }

  // A key may leave out what the result does not depend on.
  @Cacheable({ key: (id) => id })
  leavesOut(_id: string, _signal?: AbortSignal): Promise<Product> {
    return Promise.resolve(product);
  }

  @Cacheable({ key: (page = 1) => `page:${page}` })
  optional(_page?: number): Promise<Product> {
    return Promise.resolve(product);
  }

  @Cacheable({ key: (...ids) => ids.join(), ttl: 'forever', varyBy: (...ids) => ids.join() })
  rest(..._ids: string[]): Promise<Product[]> {
    return Promise.resolve([]);
  }

  @Cacheable({
    key: function (this: Right, id) {
      return this.tenant + id;
    },
  })
  own(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  @Cacheable({ key: 'product:{0}:{1.size.grams}:{2.0}', tags: ['all', 'product:{0}'] })
  template(_id: number, _of: Product, _flags: readonly [boolean, string]): Promise<Product> {
    return Promise.resolve(product);
  }

  @Cacheable({ key: 'front' })
  front(): Promise<Product> {
    return Promise.resolve(product);
  }

  @Cacheable({ key: () => 'shared' })
  shared(_logger: Console): Promise<Product> {
    return Promise.resolve(product);
  }

  @CacheEvict(
    { key: (id) => id.trim() },
    { keys: ['a', '{0}'], patterns: (id, patch) => [`${id}:${patch.price}`], when: 'always' },
    { pattern: 'list:{0}:*', when: 'before' },
    { keyFrom: (saved, id) => saved.id + id, tagsFrom: (saved) => [String(saved.price)] },
    { namespace: 'reviews', tags: ['product:{0}'], variants: true },
    { namespace: 'search', all: true },
  )
  @CachePut({ key: 'product:{0}', ttl: (saved, id, patch) => patch.price + saved.price + id.length, tags: ['{0}'] })
  update(_id: string, _patch: Product): Promise<Product> {
    return Promise.resolve(product);
  }

  @CacheEvict({ key: (id: string) => id })
  @CacheEvict<Right['remove']>({ keysFrom: (removed, id) => (removed ? [id] : []) })
  remove(_id: string): Promise<boolean> {
    return Promise.resolve(true);
  }
}

class GoneError extends Error {
  constructor(readonly id: string) {
    super(`${id} is gone`);
  }
}

export class Options {
  @Cacheable({ key: '{0}', cacheErrors: [GoneError, TypeError], errorTtl: '10s' })
  find(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  @CacheEvict({ key: '{0}', tags: (id) => [id], settle: '500ms' }, { pattern: 'list:*' })
  lagging(_id: string): Promise<void> {
    return Promise.resolve();
  }

  @UnitOfWork()
  transaction(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }
}

@CacheConfig({ namespace: 'things', ttl: '10m', tags: ['things'], varyBy: { tenant: () => 'a' } })
export abstract class Repository<Entity extends { readonly id: string }> {
  @Cacheable({ key: (id) => id, tagsFrom: (found) => (found === null ? [] : [found.id]) })
  findById(_id: string): Promise<Entity | null> {
    return Promise.resolve(null);
  }

  @CacheEvict({ keyFrom: (saved: { readonly id: string }) => saved.id })
  save(entity: Entity): Promise<Entity> {
    return Promise.resolve(entity);
  }
}

wireCache(new Right(), cache).tenant satisfies string;
wireCache(new Right(), cache);
// @ts-expect-error -- no cache
wireCache(new Right());
