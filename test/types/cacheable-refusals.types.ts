/** Compiled by `npm run typecheck`, never run. Every mark is a use that must not compile; one that does, fails. */
import { CacheConfig, Cacheable, CacheEvict, CachePut, UnitOfWork } from 'nestjs-redis-cache';
import type { Product, Right } from './cacheable.types.js';

declare const product: Product;

export class Wrong {
  // @ts-expect-error -- the key of another type
  @Cacheable({ key: (id: number) => String(id) })
  wrongKey(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- the default is not what the key would get: undefined is
  @Cacheable({ key: (page: number) => `page:${page}` })
  missedDefault(_page = 1): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- the result may be null
  @Cacheable({ ttl: (found: Product) => found.price })
  wrongResult(_id: string): Promise<Product | null> {
    return Promise.resolve(null);
  }

  // @ts-expect-error -- possibly null, also when the type comes from the method
  @Cacheable({ key: '{0}', unless: (found) => found.price > 1 })
  wrongResultInferred(_id: string): Promise<Product | null> {
    return Promise.resolve(null);
  }

  // @ts-expect-error -- no promise
  @Cacheable()
  noPromise(_id: string): Product {
    return product;
  }

  // @ts-expect-error -- a promise, or perhaps not
  @Cacheable()
  maybePromise(_id: string): Promise<Product> | Product {
    return product;
  }

  // @ts-expect-error -- a static method
  @Cacheable()
  static ofTheClass(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- no method
  @Cacheable()
  property = 1;

  // @ts-expect-error -- no method
  @Cacheable()
  get accessor(): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- an argument that is not there
  @Cacheable({ key: (id: string, locale: string) => id + locale })
  tooManyParameters(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- a key is a text
  @Cacheable({ key: () => 5 })
  noText(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- and not the promise of one
  @Cacheable({ key: async (id: string) => id })
  asyncKey(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- no such option
  @Cacheable({ keyy: '{0}' })
  unknownOption(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- not a unit of ours
  @Cacheable({ ttl: '30sec' })
  wrongTtl(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- nor here
  @Cacheable({ ttl: () => '30sec' })
  wrongTtlOfResult(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- that of another method
  @Cacheable<Right['find']>({ key: (id) => id })
  otherMethod(_id: number): Promise<Product | null> {
    return Promise.resolve(null);
  }

  // @ts-expect-error -- the key of another type, with the method's type
  @Cacheable<Wrong['explicit']>({ key: (id: number) => String(id) })
  explicit(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- a template that nothing would check
  @Cacheable<Wrong['uncheckedTemplate']>({ key: 'product:{7}' })
  uncheckedTemplate(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- there is no {1}
  @Cacheable({ key: 'product:{0}:{1}' })
  noPlaceholder(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- there is no {0.nope}
  @Cacheable({ key: '{0.nope}' })
  noPart(_of: Product): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- it may be undefined
  @Cacheable({ key: '{0.size.label}' })
  optionalPart(_of: Product): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- it may be left out
  @Cacheable({ key: '{0}' })
  optionalPlaceholder(_id?: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- an object has no text
  @Cacheable({ key: '{0}' })
  objectPlaceholder(_of: Product): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- no number stands there
  @Cacheable({ key: '{id}' })
  namedPlaceholder(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- one of several tags
  @Cacheable({ tags: ['all', 'product:{3}'] })
  tagPlaceholder(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- everyone would get the same
  @Cacheable({ key: 'product' })
  sharedKey(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- an object is nothing to vary by
  @Cacheable({ varyBy: { user: (of: Product) => of } })
  wrongVariant(_of: Product): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- no such option, beside one that there is
  @Cacheable({ key: '{0}', unles: () => true })
  unknownBesideKnown(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- of a later version, beside one that there is
  @Cacheable({ key: '{0}', staleWhileRevalidate: '1h' })
  laterBesideKnown(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- of a later version
  @Cacheable({ staleWhileRevalidate: '1h' })
  later(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- a key of the result would be known too late
  @CachePut({ key: (saved: Product) => saved.id })
  putByResult(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- no key
  @CachePut({ ttl: '1h' })
  putWithoutKey(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- the other variants would stay
  @CachePut({ key: '{0}', varyBy: () => 'a' })
  putVariant(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- nothing to evict
  @CacheEvict({ namespace: 'products' })
  evictNothing(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- the key of another type
  @CacheEvict({ key: '{0}' }, { key: (id: number) => String(id) })
  evictWrongKey(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- keyFrom gets the result first
  @CacheEvict({ keyFrom: (id: string) => id })
  evictFromArgument(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- there is no result before
  @CacheEvict({ keyFrom: (saved) => saved.id, when: 'before' })
  evictFromFuture(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- there may be no result
  @CacheEvict({ tagsFrom: (saved: Product) => [saved.id], when: 'always' })
  evictFromFailure(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- all, and a part of it
  @CacheEvict({ all: true, key: '{0}' })
  evictAllAndOne(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- there is no {1}, in the second of two
  @CacheEvict({ key: '{0}' }, { patterns: ['list:{1}:*'] })
  evictNoPlaceholder(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- no such option
  @CacheEvict({ key: '{0}', tag: 'a' })
  evictUnknown(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- no such time
  @CacheEvict({ key: '{0}', when: 'after' })
  evictWhenever(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- no promise
  @CacheEvict({ key: '{0}' })
  evictNoPromise(_id: string): void {}
}

export class WrongOptions {
  // @ts-expect-error -- classes of errors, and not their names
  @Cacheable({ key: '{0}', cacheErrors: ['NotFoundException'] })
  namedErrors(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- something else than errors
  @Cacheable({ key: '{0}', cacheErrors: [Date] })
  otherClasses(_id: string): Promise<Product> {
    return Promise.resolve(product);
  }

  // @ts-expect-error -- a pattern cannot settle
  @CacheEvict({ pattern: 'list:*', settle: '1s' })
  settlingPattern(_id: string): Promise<void> {
    return Promise.resolve();
  }

  // @ts-expect-error -- no promise
  @UnitOfWork()
  noPromise(_id: string): void {}
}

// @ts-expect-error -- keys belong to methods
@CacheConfig({ key: 'product' })
export class WrongConfig {}
