import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CacheService } from '../cache/index.js';
import { Cacheable } from './cacheable.decorator.js';
import { CacheConfig } from './cache-config.decorator.js';
import { CacheEvict } from './cache-evict.decorator.js';
import { CachePut } from './cache-put.decorator.js';
import { wireCache } from './wire-cache.js';

type Options = Record<string, unknown>;
type Decorate = (options: Options) => (prototype: object, name: string, descriptor: PropertyDescriptor) => void;

const marked =
  (key: string): MethodDecorator =>
  (_prototype, _name, descriptor) => {
    Reflect.defineMetadata(key, true, descriptor.value as object);
  };
const tagged: MethodDecorator = (_prototype, _name, descriptor) => {
  Object.assign(descriptor.value as object, { tag: 'tagged' });
};
/** Replaces the method, as tracing does. */
const traced: MethodDecorator = (_prototype, _name, descriptor) => {
  const method = descriptor.value as unknown as (...args: unknown[]) => unknown;
  descriptor.value = function (this: unknown, ...args: unknown[]) {
    return method.apply(this, ['traced', ...args.slice(1)]);
  } as never;
};

class Example {
  constructor(readonly own: string) {}

  @marked('above')
  @Cacheable({ key: (id) => id })
  @tagged
  @marked('below')
  async find(id: string, _page?: number): Promise<string> {
    return `${this.own} ${id}`;
  }

  @Cacheable({ key: (id) => id })
  @traced
  async tracedBelow(id: string): Promise<string> {
    return `${this.own} ${id}`;
  }

  @Cacheable()
  async plain(id: string): Promise<string> {
    return id;
  }

  @CacheEvict({ key: '{0}' })
  async update(id: string): Promise<string> {
    return id;
  }
}

afterEach(() => jest.restoreAllMocks());

describe('a decorated method', () => {
  it('keeps its name, its length, its metadata and other properties, whatever the order of decorators', () => {
    const { find } = Example.prototype;
    expect([find.name, find.length]).toEqual(['find', 2]);
    expect(Reflect.getMetadataKeys(find).sort()).toEqual(['above', 'below']);
    expect(find).toHaveProperty('tag', 'tagged');
    expect(Reflect.getMetadata('design:paramtypes', Example.prototype, 'find')).toEqual([String, Number]);
    expect(Object.hasOwn(find, 'prototype')).toBe(false);
    expect(Object.keys(Example.prototype)).toEqual([]);
  });

  it('warns once, and runs as it is, where nobody has given the instance a cache', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const example = new Example('mine');
    expect(await example.find('1')).toBe('mine 1');
    expect(await example.find('1')).toBe('mine 1');
    expect(await example.tracedBelow('1')).toBe('mine traced');
    expect(warn.mock.calls).toEqual([
      [expect.stringMatching(/^Example\.find runs without @Cacheable, .* wireCache\(instance, cache\)/)],
      [expect.stringContaining('Example.tracedBelow runs without @Cacheable')],
    ]);
    const { update } = example;
    expect(await update('1')).toBe('1');
  });

  it('is given a cache by wireCache, which leaves no trace on the instance', async () => {
    const cache = { getOrSet: async () => 'cached' } as unknown as CacheService;
    const example = wireCache(new Example('mine'), cache);
    expect(await example.find('1')).toBe('cached');
    expect({ ...example }).toEqual({ own: 'mine' });
    expect(example).toStrictEqual(new Example('mine'));
  });
});

describe.each<[name: string, decorate: Decorate, least: Options]>([
  ['@Cacheable', Cacheable, {}],
  ['@CacheEvict', CacheEvict, { key: 'a' }],
  ['@CachePut', CachePut, { key: 'a' }],
])('%s', (name, decorate, least) => {
  const at = name === '@CacheEvict' ? '[0]' : '';
  const define =
    (options: Options, on: 'method' | 'static' | 'property' = 'method') =>
    () => {
      class Products {
        static async count(): Promise<number> {
          return 0;
        }
        async find(): Promise<number> {
          return 0;
        }
      }
      const owner = on === 'static' ? Products : Products.prototype;
      const method = on === 'static' ? 'count' : 'find';
      const descriptor = on === 'property' ? undefined : Object.getOwnPropertyDescriptor(owner, method);
      decorate({ ...least, ...options })(owner, method, descriptor!);
    };

  it('may say as little as it needs', () => expect(define({})).not.toThrow());

  it.each<[options: Options, message: string]>([
    [{ nope: 1 }, `${at}.nope: there is no such option. Accepted here: namespace, `],
    [{ namespace: 'a:b' }, `${at}.namespace: expected a name`],
    [{ key: 5 }, `${at}.key: expected a text, or a function that returns it, got`],
    [{ key: ['a'] }, `${at}.key: expected a text, or a function that returns it, got`],
    [{ key: 'a{' }, `${at}.key: in 'a{' a brace does not belong`],
    [{ tags: 'a' }, `${at}.tags: expected an array of texts, or a function`],
    [{ tagsFrom: ['a'] }, `${at}.tagsFrom: expected a function of the result`],
  ])('refuses %j where the class is defined, naming class and method', (options, message) => {
    expect(define(options)).toThrow(
      expect.objectContaining({
        code: 'INVALID_OPTION',
        message: expect.stringContaining(`Products.find ${name}${message}`),
      }),
    );
  });

  it.each(['staleWhileRevalidate', 'staleIfError', 'earlyRefresh', 'jitter'])(
    'does not ignore %s, which a later version has',
    (option) => {
      expect(define({ [option]: '1h' })).toThrow(
        expect.objectContaining({ code: 'NOT_AVAILABLE_YET', option: `Products.find ${name}${at}.${option}` }),
      );
    },
  );

  it('refuses static methods and properties', () => {
    expect(define({}, 'static')).toThrow(/\.count @\w+: cannot stand on a static method/);
    expect(define({}, 'property')).toThrow(/Products\.find @\w+: stands on methods only/);
  });
});

describe('more refusals', () => {
  const on = (decorate: Decorate, options: Options) => () => {
    class Products {
      async find(): Promise<number> {
        return 0;
      }
    }
    decorate(options)(Products.prototype, 'find', Object.getOwnPropertyDescriptor(Products.prototype, 'find')!);
  };
  const [cacheable, evict, put] = [Cacheable, CacheEvict, CachePut] as unknown as [Decorate, Decorate, Decorate];

  it.each<[decorate: Decorate, options: Options, message: string]>([
    [cacheable, { ttl: '5 minutes' }, '@Cacheable.ttl: expected a duration'],
    [cacheable, { unless: true }, '@Cacheable.unless: expected a function'],
    [cacheable, { condition: 1 }, '@Cacheable.condition: expected a function'],
    [cacheable, { varyBy: 'tenant' }, '@Cacheable.varyBy: expected an object'],
    [cacheable, { varyBy: { tenant: 'a' } }, '@Cacheable.varyBy: expected a function, or an object of functions'],
    [cacheable, { varyBy: {} }, '@Cacheable.varyBy: expected a function, or an object of functions'],
    [put, {}, '@CachePut: needs a key'],
    [put, { key: 'a', varyBy: () => 'a' }, '@CachePut: has a varyBy'],
    [evict, {}, '@CacheEvict[0]: says nothing to evict'],
    [evict, { all: true, key: 'a' }, '@CacheEvict[0].all: evicts everything'],
    [evict, { all: false }, '@CacheEvict[0].all: expected true, or nothing'],
    [evict, { key: 'a', when: 'after' }, "@CacheEvict[0].when: expected 'success' or 'always' or 'before'"],
    [evict, { keyFrom: () => 'a', when: 'always' }, "@CacheEvict[0].when: is 'always', when there may be no result"],
    [evict, { keys: 'a' }, '@CacheEvict[0].keys: expected an array of texts'],
  ])('%#: %p', (decorate, options, message) => {
    expect(on(decorate, options)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', message: expect.stringContaining(`Products.find ${message}`) }),
    );
  });

  it('of @CacheEvict that says nothing, and of @CacheConfig', () => {
    expect(on(() => (CacheEvict as unknown as () => ReturnType<Decorate>)(), {})).toThrow(/says nothing to evict/);
    const config = (options: Options) => () => {
      @CacheConfig(options)
      class Products {}
      return Products;
    };
    expect(config({ key: 'a' })).toThrow(/^Products @CacheConfig\.key: there is no such option/);
    expect(config({ ttl: 0 })).toThrow(/^Products @CacheConfig\.ttl: expected a duration/);
    expect(config({ namespace: '' })).toThrow(/^Products @CacheConfig\.namespace: expected a name/);
    expect(config({ tags: [''] })).toThrow(/^Products @CacheConfig\.tags: expected texts/);
    expect(config({ varyBy: 7 })).toThrow(/^Products @CacheConfig\.varyBy: expected/);
  });
});
