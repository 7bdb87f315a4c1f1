import { Test } from '@nestjs/testing';
import {
  type CacheFeature,
  type RedisCacheAsyncOptions,
  RedisCacheModule,
  type RedisCacheOptions,
} from 'nestjs-redis-cache';

const compile = async (...imports: Parameters<typeof Test.createTestingModule>[0]['imports'] & object) =>
  Test.createTestingModule({ imports }).compile();
const boot = async (options: unknown) => compile(RedisCacheModule.forRoot(options as RedisCacheOptions));
const bootAsync = async (options: unknown) => compile(RedisCacheModule.forRootAsync(options as RedisCacheAsyncOptions));
const bootFeature = async (features: unknown) =>
  compile(
    RedisCacheModule.forRoot({ connection: { host: 'h' } }),
    RedisCacheModule.forFeature(features as CacheFeature[]),
  );

const durable = { durable: { host: 'h' } };
const making = (options: unknown) => ({ useFactory: () => options });
const sources = 'useFactory, useClass, useExisting';

const WRONG: Record<string, [boot: (given: unknown) => Promise<unknown>, rows: [message: string, given: unknown][]]> = {
  forRoot: [
    boot,
    [
      ['The options of RedisCacheModule: expected an object, got nothing.', undefined],
      ['The options of RedisCacheModule: expected an object, got null.', null],
      ["The options of RedisCacheModule: expected an object, got 'redis://…'.", 'redis://:p'],
      ['connections: expected an object, got null.', { connections: null }],
      ['connections: expected an object, got 5.', { connections: 5 }],
      ['connections: expected one named "default", got none.', { connections: {} }],
      ['connections: expected one named "default", got "durable".', { connections: durable }],
      ['cache: expected an object, got null.', { connection: { host: 'h' }, cache: null }],
      ['cache.namespaces: expected an object, got null.', { connection: { host: 'h' }, cache: { namespaces: null } }],
      [
        'cache.namespaces.n: expected an object, got null.',
        { connection: { host: 'h' }, cache: { namespaces: { n: null } } },
      ],
    ],
  ],
  forRootAsync: [
    bootAsync,
    [
      ['forRootAsync: expected an object, got nothing.', undefined],
      ['forRootAsync: expected an object, got null.', null],
      [`forRootAsync: expected one of ${sources}, got none of them.`, {}],
      [`forRootAsync: expected one of ${sources}, got useFactory and useClass.`, { ...making({}), useClass: Date }],
      ['forRootAsync.useFactory: expected a function that makes the options, got an object.', { useFactory: {} }],
      [
        'forRootAsync.keyPrefix: there is no such option. Accepted here: ' +
          `isGlobal, imports, connections, inject, ${sources}.`,
        { ...making({}), keyPrefix: 'shop' },
      ],
      [
        "forRootAsync.connections: expected the names of connections, such as ['default', 'durable'], got an object.",
        { ...making({}), connections: durable },
      ],
      [
        'forRootAsync.connections: expected one named "default", got "durable".',
        { ...making({ connections: durable }), connections: ['durable'] },
      ],
      ['The options of RedisCacheModule: expected an object, got nothing.', making(undefined)],
      ['connections: expected one named "default", got "durable".', making({ connections: durable })],
      ['cache: expected an object, got null.', making({ connection: { host: 'h' }, cache: null })],
      [
        'cache.namespaces.products.connection: there is no connection "nope". Known: "default".',
        making({ connection: { host: 'h' }, cache: { namespaces: { products: { connection: 'nope' } } } }),
      ],
    ],
  ],
  forFeature: [
    bootFeature,
    [
      ["forFeature: expected an array such as [{ namespace: 'products' }], got nothing.", undefined],
      ["forFeature: expected an array such as [{ namespace: 'products' }], got an object.", { namespace: 'products' }],
      ['forFeature[1]: expected an object, got null.', [{ namespace: 'products' }, null]],
    ],
  ],
};

describe.each(Object.entries(WRONG))('%s with wrong options', (_, [start, rows]) => {
  it.each(rows)('stops the boot: %s', async (message, given) => {
    await expect(start(given)).rejects.toMatchObject({ name: 'InvalidOptionError', code: 'INVALID_OPTION', message });
  });
});

describe('forRootAsync', () => {
  it('stops the boot when a namespace has a codec that cannot work', async () => {
    const namespaces = { products: { classes: [5] } };
    await expect(bootAsync(making({ connection: { host: 'h' }, cache: { namespaces } }))).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('cache.namespaces.products.classes'),
    });
  });
});
