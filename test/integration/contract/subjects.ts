import type { ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type CacheOptions, CacheService, RedisCacheEvents, RedisCacheModule } from 'nestjs-redis-cache';
import { FakeCacheService, provideFakeRedisCache } from 'nestjs-redis-cache/testing';
import { uniquePrefix } from '../../support/test-app.js';
import { testTopologies } from '../../support/topologies.js';

export class Product {
  constructor(
    readonly id: number,
    readonly tags: Set<string>,
  ) {}
}

/** A cache that keeps the contract, while the tests run. */
export interface Subject {
  readonly cache: CacheService;
  readonly products: CacheService;
  readonly events: RedisCacheEvents;
  /** Lets so many milliseconds go by; where time is real, it does so by itself. */
  readonly elapse: (ms: number) => void;
}

const CACHE: CacheOptions = {
  ttl: '10m',
  namespaces: {
    products: { classes: [Product], ttl: '1h' },
    json: { serializer: 'json' },
    keyed: { index: false },
    listed: {},
  },
};

const applications: readonly (readonly [string, ModuleMetadata])[] = [
  ...testTopologies().map(({ name, connection }) => {
    const root = RedisCacheModule.forRoot({ connection, keyPrefix: uniquePrefix(), cache: CACHE });
    return [name, { imports: [root] }] satisfies [string, ModuleMetadata];
  }),
  ['fake', { providers: provideFakeRedisCache(CACHE) }],
];

/** The same tests for a server, for a cluster and for the fake that users get: what one does the others do. */
export function describeEachSubject(title: string, define: (subject: () => Subject) => void): void {
  describe.each(applications)(`${title} (%s)`, (_, metadata) => {
    let subject: Subject;
    let close = async (): Promise<void> => undefined;

    beforeAll(async () => {
      const app = await (await Test.createTestingModule(metadata).compile()).init();
      const cache = app.get(CacheService);
      const elapse = (ms: number): void => void (cache instanceof FakeCacheService && cache.advance(ms));
      subject = { cache, products: cache.namespace('products'), events: app.get(RedisCacheEvents), elapse };
      close = () => app.close();
    });
    afterAll(() => close());

    define(() => subject);
  });
}
