import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Injectable,
  type INestApplication,
  Param,
  Scope,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { ApiOperation } from '@nestjs/swagger';
import { Cacheable } from 'nestjs-redis-cache';
import request from 'supertest';
import { start } from './start.js';

@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<{ headers: Record<string, string> }>().headers.user !== undefined;
  }
}

/** What ran, in the order in which it ran. */
const ran: string[] = [];
beforeEach(() => void ran.splice(0));

/** Puts a function of its own in the place of the method and takes the metadata along, as OpenTelemetry's decorators do. */
const Traced: MethodDecorator = (_prototype, _name, descriptor) => {
  const method = descriptor.value as unknown as (...args: unknown[]) => unknown;
  const traced = function (this: unknown, ...args: unknown[]): unknown {
    ran.push('traced');
    return method.apply(this, args);
  };
  for (const key of Reflect.getMetadataKeys(method))
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), traced);
  descriptor.value = traced as never;
};

// With the default key, which a request-scoped class may have when it says what it varies by.
const Cached = Cacheable({ varyBy: () => ({}) }) as MethodDecorator;
const Guarded = UseGuards(HeaderGuard);
const Documented = ApiOperation({ summary: 'finds' });
const Routed = Get(':id');

/** The decorators of a method from the top down, and how often the tracing one sees two equal calls. */
const ORDERS: readonly (readonly [order: string, decorators: readonly MethodDecorator[], traces: number])[] = [
  ['on top', [Cached, Routed, Guarded, Documented, Traced], 1],
  ['at the bottom', [Traced, Routed, Guarded, Documented, Cached], 2],
  ['in between', [Guarded, Traced, Cached, Documented, Routed], 2],
  ['in between, tracing below', [Documented, Routed, Cached, Traced, Guarded], 1],
];
const SCOPES = [
  ['singleton', Scope.DEFAULT],
  ['request-scoped', Scope.REQUEST],
  ['transient', Scope.TRANSIENT],
] as const;

const all =
  (decorators: readonly MethodDecorator[]): MethodDecorator =>
  (prototype, name, descriptor) => {
    for (const decorator of [...decorators].reverse()) decorator(prototype, name, descriptor);
  };

interface Finder {
  find(id: string): Promise<string>;
}

/** Each makes classes whose method is decorated, and says what two calls of each of them load. */
const KINDS: readonly (readonly [
  kind: string,
  make: (
    decorated: MethodDecorator,
    scope: Scope,
  ) => readonly (readonly [type: Type<Finder>, loads: readonly string[]])[],
])[] = [
  [
    'a provider',
    (decorated, scope) => {
      @Injectable({ scope })
      class Provider {
        private readonly own = 'provider';
        @decorated
        async find(id: string): Promise<string> {
          ran.push(`${this.own} ${id}`);
          return `${this.own} ${id}`;
        }
      }
      return [[Provider, ['provider 1']]];
    },
  ],
  [
    'a class that inherits the method',
    (decorated, scope) => {
      class Base {
        protected readonly own: string = 'base';
        @decorated
        async find(id: string): Promise<string> {
          ran.push(`${this.own} ${id}`);
          return `${this.own} ${id}`;
        }
      }
      @Injectable({ scope })
      class Inheriting extends Base {
        protected override readonly own = 'inheriting';
      }
      return [[Inheriting, ['inheriting 1']]];
    },
  ],
  [
    'a class that overrides it and calls super',
    (decorated, scope) => {
      @Injectable({ scope })
      class Base {
        @decorated
        async find(id: string): Promise<string> {
          ran.push(`base ${id}`);
          return `base ${id}`;
        }
      }
      @Injectable({ scope })
      class Overriding extends Base {
        @decorated
        override async find(id: string): Promise<string> {
          ran.push(`overriding ${id}`);
          return `overriding ${await super.find(id)}`;
        }
      }
      return [
        [Overriding, ['overriding 1', 'base 1']],
        [Base, ['base 1']],
      ];
    },
  ],
  [
    'a class that implements an abstract one',
    (decorated, scope) => {
      abstract class Abstract {
        abstract find(id: string): Promise<string>;
      }
      @Injectable({ scope })
      class Implementing extends Abstract {
        @decorated
        async find(id: string): Promise<string> {
          ran.push(`implementing ${id}`);
          return `implementing ${id}`;
        }
      }
      return [[Implementing, ['implementing 1']]];
    },
  ],
  [
    'two repositories of one generic base',
    (decorated, scope) => {
      abstract class Repository<Row extends string> {
        protected abstract readonly table: Row;
        @decorated
        async find(id: string): Promise<string> {
          ran.push(`${this.table} ${id}`);
          return `${this.table} ${id}`;
        }
      }
      @Injectable({ scope })
      class Products extends Repository<'products'> {
        protected readonly table = 'products';
      }
      @Injectable({ scope })
      class Users extends Repository<'users'> {
        protected readonly table = 'users';
      }
      return [
        [Products, ['products 1']],
        [Users, ['users 1']],
      ];
    },
  ],
];

describe.each(SCOPES)('in a %s class', (_scope, scope) => {
  describe.each(ORDERS)('@Cacheable %s of other decorators', (_order, decorators, traces) => {
    it.each(KINDS)('works in %s', async (_kind, make) => {
      const classes = make(all(decorators), scope);
      const app = await start({ providers: classes.map(([type]) => type) });
      const instance = (type: Type<Finder>): Promise<Finder> =>
        scope === Scope.DEFAULT ? Promise.resolve(app.get(type)) : app.resolve(type);
      for (const [type, loads] of classes) {
        ran.splice(0);
        const first = await (await instance(type)).find('1');
        expect(first).toBe(loads.join(' ').replaceAll(' 1 ', ' '));
        expect(await (await instance(type)).find('1')).toBe(first);
        expect(ran.filter((each) => each !== 'traced')).toEqual(loads);
        const { find } = type.prototype as Finder;
        expect(Reflect.getMetadataKeys(find)).toEqual(
          expect.arrayContaining(['__guards__', 'swagger/apiOperation', 'path', 'method']),
        );
      }
      await app.close();
    });

    // Nest makes no instance of a transient controller: there is nothing that could be given a cache.
    if (scope === Scope.TRANSIENT) return;
    it('works in a controller, over HTTP, behind its guard', async () => {
      @Controller({ path: 'finder', scope })
      class Finding {
        private readonly own = 'finding';
        find(id: string): Promise<string> {
          ran.push(`${this.own} ${id}`);
          return Promise.resolve(`${this.own} ${id}`);
        }
      }
      const descriptor = Object.getOwnPropertyDescriptor(Finding.prototype, 'find')!;
      Param('id')(Finding.prototype, 'find', 0);
      all(decorators)(Finding.prototype, 'find', descriptor);
      Object.defineProperty(Finding.prototype, 'find', descriptor);
      const app: INestApplication = await start({ controllers: [Finding] });
      const get = (id: string, user?: string): request.Test => {
        const sent = request(app.getHttpServer() as never).get(`/finder/${id}`);
        return user === undefined ? sent : sent.set('user', user);
      };

      await get('1', 'a').expect(200, 'finding 1');
      await get('1', 'b').expect(200, 'finding 1');
      await get('1').expect(403);
      expect(ran.filter((each) => each !== 'traced')).toEqual(['finding 1']);
      expect(ran.filter((each) => each === 'traced')).toHaveLength(traces);
      await get('2', 'a').expect(200, 'finding 2');
      await app.close();
    });
  });
});
