import { Controller, Inject, Injectable, Scope, type Type } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { CacheConfig, Cacheable, CacheEvict, CachePut, RedisCacheModule } from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { start } from './start.js';

abstract class Reading {
  @Cacheable()
  async find(id: string): Promise<string> {
    return id;
  }
}

@Controller('a')
class PlainController extends Reading {}

@Injectable({ scope: Scope.REQUEST })
class OfARequest extends Reading {}

@Injectable({ scope: Scope.REQUEST })
class CurrentUser {
  constructor(@Inject(REQUEST) readonly request: unknown) {}
}

@Injectable()
class DependingOnARequest extends Reading {
  constructor(readonly user: CurrentUser) {
    super();
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient extends Reading {}

@Injectable()
class Shared extends Reading {}

@CacheConfig({ varyBy: { user: () => 'a' } })
@Controller('b')
class VaryingController extends Reading {}

@Controller('c')
class KeyedController {
  @Cacheable({ key: (id) => id })
  async find(id: string): Promise<string> {
    return id;
  }
}

@Controller('d')
class OverridingController extends Reading {
  override async find(id: string): Promise<string> {
    return id;
  }
}

describe('at boot', () => {
  const cache = { namespaces: { bare: { index: false }, json: { serializer: 'json' } } } as const;
  const boot = async (providers: Type[], controllers: Type[] = []): Promise<void> => {
    const app = await start({ providers, controllers, cache });
    await app.close();
  };

  it.each([
    ['a controller', [], [PlainController], 'PlainController is a controller'],
    ['a request-scoped class', [OfARequest], [], 'OfARequest is request-scoped'],
    [
      'a class that depends on something request-scoped',
      [CurrentUser, DependingOnARequest],
      [],
      'DependingOnARequest is request-scoped',
    ],
  ])('a default key is refused in %s', async (_, providers, controllers, is) => {
    await expect(boot(providers, controllers)).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`needs a key or varyBy: ${is}, where a method may answer`),
    });
    await expect(boot(providers, controllers)).rejects.toThrow(
      /^Reading\.find @Cacheable: .*Write key: .* or varyBy: /,
    );
  });

  it('and nowhere else', async () => {
    await boot([Transient, Shared], [VaryingController, KeyedController, OverridingController]);
  });

  it('two classes of one name cannot have the same default keys', async () => {
    const twin = (): Type => {
      @Injectable()
      class Twin {
        @Cacheable()
        async find(id: string): Promise<string> {
          return id;
        }
      }
      return Twin;
    };
    const One = twin();
    await boot([One]);
    await expect(boot([One, twin()])).rejects.toThrow(
      /^Twin\.find @Cacheable\.key: is needed: another class has the same name.*"Twin\.find"/,
    );
  });

  it.each([
    ['@Cacheable', Cacheable({ key: '{0}', namespace: 'nobody' })],
    ['@CacheEvict', CacheEvict({ key: '{0}' }, { key: '{0}', namespace: 'nobody' })],
    ['@CachePut', CachePut({ key: '{0}', namespace: 'nobody' })],
  ])('a namespace that nobody has declared is refused for %s', async (name, decorator) => {
    @Injectable()
    class Products {
      @(decorator as MethodDecorator)
      async find(id: string): Promise<string> {
        return id;
      }
    }
    await expect(boot([Products])).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining(`Products.find ${name}.namespace: There is no cache namespace "nobody"`),
      cause: expect.objectContaining({ code: 'UNKNOWN_NAMESPACE' }),
    });
  });

  it.each([
    [
      'a pattern without an index',
      CacheEvict({ namespace: 'bare', key: '{0}' }, { namespace: 'bare', pattern: '{0}:*' }),
    ],
    ['a tag to evict without an index', CacheEvict({ namespace: 'bare', tagsFrom: (id: string) => [id] })],
    ['tags without an index', Cacheable({ namespace: 'bare', key: '{0}', tags: ['a'] })],
    ['tags without an envelope', Cacheable({ namespace: 'json', key: '{0}', tagsFrom: (id: string) => [id] })],
    ['tags of a put without an envelope', CachePut({ namespace: 'json', key: '{0}', tags: ['a'] })],
  ])('%s is refused, and not when the row is written already', async (_, decorator) => {
    @Injectable()
    class Products {
      @(decorator as MethodDecorator)
      async find(id: string): Promise<string> {
        return id;
      }
    }
    await expect(boot([Products])).rejects.toThrow(/^Products\.find @\w+: .*index/);
  });

  it('@CachePut is refused where the class varies', async () => {
    @CacheConfig({ varyBy: () => 'a' })
    @Injectable()
    class Products {
      @CachePut({ key: '{0}' })
      async save(id: string): Promise<string> {
        return id;
      }
    }
    await expect(boot([Products])).rejects.toThrow('Products.save @CachePut: cannot stand where varyBy applies');
  });

  it('a ttl that looks like seconds, and keys that two methods share, are warned about', async () => {
    @Injectable()
    class Products {
      @Cacheable({ key: 'product:{0}', ttl: 60 })
      async find(id: string): Promise<string> {
        return id;
      }

      @Cacheable({ key: 'product:{0}' })
      async price(id: string): Promise<string> {
        return id;
      }

      @Cacheable({ key: 'product:{0}', namespace: 'other' })
      async other(id: string): Promise<string> {
        return id;
      }
    }
    const logger = new CollectingLogger();
    const imports = [RedisCacheModule.forFeature([{ namespace: 'other' }])];
    const app = await start({ providers: [Products], imports, logger });
    expect(logger.containing('Did you mean seconds?')).toEqual([
      expect.stringContaining('Products.find @Cacheable.ttl is 60 milliseconds'),
    ]);
    expect(logger.containing('answer for each other')).toEqual([
      expect.stringMatching(
        /Products\.(find|price) @Cacheable\.key is 'product:\{0\}', as that of Products\.(find|price)/,
      ),
    ]);
    await app.close();
  });
});

describe('at a call', () => {
  @Injectable()
  class Products {
    ran = 0;

    @Cacheable()
    async secret(_user: string): Promise<string> {
      this.ran += 1;
      return 'secret';
    }

    @Cacheable({ key: (id) => id })
    async find(id: string): Promise<string> {
      this.ran += 1;
      return id;
    }

    @Cacheable()
    async by(_filter: unknown): Promise<number> {
      return (this.ran += 1);
    }

    @Cacheable({ key: () => JSON.parse('{') as string })
    async broken(_id: string): Promise<number> {
      return (this.ran += 1);
    }

    @Cacheable({ key: '{0}', ttl: () => JSON.parse('{') as number })
    async brokenTtl(_id: string): Promise<number> {
      return (this.ran += 1);
    }

    @Cacheable({ key: 'x:{0}', unless: (() => 'yes') as unknown as () => boolean })
    async wrongUnless(_id: string): Promise<number> {
      return (this.ran += 1);
    }
  }

  class SearchFilter {
    readonly text = 'a';
  }

  it('an argument that no key can be made of is refused, unless its class is registered', async () => {
    const [app, registered] = await Promise.all([
      start({ providers: [Products] }),
      start({ providers: [Products], cache: { classes: [SearchFilter] } }),
    ]);
    await expect(app.get(Products).by(new SearchFilter())).rejects.toMatchObject({
      code: 'UNSUPPORTED_ARGUMENT',
      message: expect.stringMatching(/^Products\.by: argument 0 .* SearchFilter.*classes: \[SearchFilter\]/),
    });
    expect(app.get(Products).ran).toBe(0);
    await registered.get(Products).by(new SearchFilter());
    await registered.get(Products).by(new SearchFilter());
    await registered.get(Products).by({ text: 'a' });
    expect(registered.get(Products).ran).toBe(2);
    await Promise.all([app.close(), registered.close()]);
  });

  it('a key that somebody has chosen so as to read what is not his is refused', async () => {
    const app = await start({ providers: [Products] });
    const products = app.get(Products);
    await products.secret('admin');
    await expect(products.find('Products.secret:"admin"')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: 'Products.find @Cacheable.key: begins as the default keys of Products.secret do. Begin it differently.',
    });
    expect(await products.find('Products.secrets')).toBe('Products.secrets');
    await app.close();
  });

  it('what a function among the options throws is the cause of a rejection that names it', async () => {
    const app = await start({ providers: [Products] });
    const products = app.get(Products);
    await expect(products.broken('1')).rejects.toMatchObject({
      code: 'CACHE_CALLBACK_FAILED',
      option: 'Products.broken @Cacheable.key',
      cause: expect.any(SyntaxError),
    });
    expect(products.ran).toBe(0);
    await expect(products.brokenTtl('1')).rejects.toMatchObject({ option: 'Products.brokenTtl @Cacheable.ttl' });
    await expect(products.wrongUnless('1')).rejects.toThrow(
      "Products.wrongUnless @Cacheable.unless: expected a function that returns true or false, got 'yes'.",
    );
    await app.close();
  });
});
