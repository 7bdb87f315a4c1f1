import { Injectable, Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  CacheService,
  getCacheToken,
  getConnectionToken,
  InjectCache,
  InjectRedisConnection,
  RedisCacheModule,
  type RedisCacheOptions,
  type RedisCacheOptionsFactory,
  RedisConnection,
} from 'nestjs-redis-cache';
import { redisConfig } from 'nestjs-redis-cache/config';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { uniquePrefix } from '../../support/test-app.js';
import { sharedServer } from '../../support/topologies.js';

const options = (): RedisCacheOptions => ({ connection: sharedServer(), keyPrefix: uniquePrefix() });

const twoConnections = (): RedisCacheOptions => {
  const connection = sharedServer();
  return { connections: { default: connection, durable: { ...connection, db: 1 } }, keyPrefix: uniquePrefix() };
};

@Injectable()
class Settings implements RedisCacheOptionsFactory {
  createRedisCacheOptions(): RedisCacheOptions {
    return options();
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class Reader {
  constructor(
    readonly cache: CacheService,
    @InjectCache('products') readonly products: CacheService,
    readonly connection: RedisConnection,
    @InjectRedisConnection() readonly same: RedisConnection,
  ) {}
}

@Module({ imports: [RedisCacheModule.forFeature([{ namespace: 'products' }])], providers: [Reader] })
class ReaderModule {}

describe('RedisCacheModule', () => {
  it.each([
    ['forRoot', () => RedisCacheModule.forRoot(options())],
    ['useFactory', () => RedisCacheModule.forRootAsync({ useFactory: async () => options() })],
    [
      'useFactory with imports and inject',
      () =>
        RedisCacheModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: (settings: Settings) => settings.createRedisCacheOptions(),
        }),
    ],
    ['useClass', () => RedisCacheModule.forRootAsync({ useClass: Settings })],
    ['useExisting', () => RedisCacheModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings })],
    ['the configuration of @nestjs/config', () => RedisCacheModule.forRootAsync(redisConfig.asProvider())],
  ])('is registered with %s, and then injected everywhere', async (_, root) => {
    const moduleRef = await Test.createTestingModule({
      imports: [ConfigModule.forRoot({ ignoreEnvFile: true }), root(), ReaderModule],
    }).compile();
    await moduleRef.init();
    const reader = moduleRef.get(Reader, { strict: false });
    await reader.products.set('a', 1, { ttl: '1s' });
    expect(await reader.cache.namespace('products').get('a')).toBe(1);
    expect(reader.connection).toBe(reader.same);
    await moduleRef.close();
  });

  it('is seen only where it is imported, when it is not global', async () => {
    const root = RedisCacheModule.forRoot({ ...options(), isGlobal: false });
    const compile = (imports: (typeof root)[]): Promise<unknown> =>
      Test.createTestingModule({
        imports: [root, RedisCacheModule.forFeature([{ namespace: 'products' }], { imports })],
      }).compile();
    await expect(compile([])).rejects.toThrow(/can't resolve dependencies/);
    await expect(compile([root])).resolves.toBeDefined();
  });

  it('provides each named connection', async () => {
    const moduleRef = await Test.createTestingModule({
      imports: [RedisCacheModule.forRootAsync({ connections: ['default', 'durable'], useFactory: twoConnections })],
    }).compile();
    expect(moduleRef.get<RedisConnection>(getConnectionToken('durable')).name).toBe('durable');
    await moduleRef.close();
  });

  it.each([[['default']], [['default', 'durable', 'third']]])(
    'refuses options whose connections are others than forRootAsync was told of: %j',
    async (connections) => {
      const root = RedisCacheModule.forRootAsync({ connections, useFactory: twoConnections });
      await expect(Test.createTestingModule({ imports: [root] }).compile()).rejects.toMatchObject({
        code: 'INVALID_OPTION',
        message: expect.stringContaining("connections: ['default', 'durable']"),
      });
    },
  );

  it('told of no connections, warns of those it cannot inject, and caches on them all the same', async () => {
    const logger = new CollectingLogger();
    const moduleRef = await Test.createTestingModule({
      imports: [
        RedisCacheModule.forRootAsync({ useFactory: twoConnections }),
        RedisCacheModule.forFeature([{ namespace: 'carts', connection: 'durable' }]),
      ],
    })
      .setLogger(logger)
      .compile();
    await moduleRef.init();
    expect(logger.containing('forRootAsync was not told of "durable"')).toHaveLength(1);
    const carts = moduleRef.get<CacheService>(getCacheToken('carts'), { strict: false });
    await carts.set('a', 1, { ttl: '1s' });
    expect(await carts.get('a')).toBe(1);
    expect(() => moduleRef.get(getConnectionToken('durable'))).toThrow('durable');
    await moduleRef.close();
  });

  it('warns of a bare number that was probably meant as seconds', async () => {
    const logger = new CollectingLogger();
    const moduleRef = await Test.createTestingModule({
      imports: [
        RedisCacheModule.forRoot({ ...options(), cache: { ttl: 300 } }),
        RedisCacheModule.forFeature([
          { namespace: 'products', ttl: 60 },
          { namespace: 'fine', ttl: '60ms' },
        ]),
      ],
    })
      .setLogger(logger)
      .compile();
    expect(logger.containing('Did you mean seconds?')).toEqual([
      expect.stringContaining('cache.ttl is 300 milliseconds'),
      expect.stringContaining('forFeature(products).ttl is 60 milliseconds'),
    ]);
    await moduleRef.close();
  });
});
