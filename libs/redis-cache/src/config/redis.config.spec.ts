import { jest } from '@jest/globals';
import { ConfigModule } from '@nestjs/config';
import { Test } from '@nestjs/testing';
import {
  CacheService,
  getCacheToken,
  getConnectionToken,
  RedisCacheModule,
  type RedisConnection,
} from 'nestjs-redis-cache';
import { redisConfig } from './redis.config.js';

type Env = Record<string, string>;

const SILENT = { log: () => undefined, warn: () => undefined, error: () => undefined };

describe('redisConfig', () => {
  afterEach(() => jest.restoreAllMocks());

  const boot = async (env: Env, connections: string[], told: object = { connections }): Promise<string[]> => {
    jest.replaceProperty(process, 'env', env);
    const imports = [
      ConfigModule.forRoot({ ignoreEnvFile: true }),
      RedisCacheModule.forRootAsync({ ...told, ...redisConfig.asProvider() }),
    ];
    const moduleRef = await Test.createTestingModule({ imports }).compile();
    const addresses = connections.map((name) => moduleRef.get<RedisConnection>(getConnectionToken(name)).address);
    await moduleRef.close();
    return addresses;
  };

  it('carries the environment through ConfigModule into the module', async () => {
    expect(await boot({ REDIS_HOST: 'h', REDIS_PORT: '7000' }, ['default'])).toEqual(['h:7000']);
    const both = { REDIS_URL: 'redis://h', REDIS_DURABLE_URL: 'redis://d' };
    expect(await boot(both, ['default', 'durable'])).toEqual(['h:6379', 'd:6379']);
  });

  it('lets the durable connection be injected without a further word', async () => {
    const both = { REDIS_URL: 'redis://h', REDIS_DURABLE_URL: 'redis://d' };
    expect(await boot(both, ['default', 'durable'], {})).toEqual(['h:6379', 'd:6379']);
    expect(await boot({ REDIS_URL: 'redis://h', REDIS_DURABLE_URL: '' }, ['default'], {})).toEqual(['h:6379']);
  });

  it('boots with a durable connection that a file brings later, too', async () => {
    jest.replaceProperty(process, 'env', { REDIS_URL: 'redis://h' });
    const imports = [
      RedisCacheModule.forRootAsync(redisConfig.asProvider()),
      ConfigModule.forRoot({ ignoreEnvFile: true }),
    ];
    jest.replaceProperty(process, 'env', { REDIS_URL: 'redis://h', REDIS_DURABLE_URL: 'redis://d' });
    const carts = RedisCacheModule.forFeature([{ namespace: 'carts', connection: 'durable' }]);
    const moduleRef = await Test.createTestingModule({ imports: [...imports, carts] })
      .setLogger(SILENT)
      .compile();
    expect(moduleRef.get(getCacheToken('carts'), { strict: false })).toBeInstanceOf(CacheService);
    await moduleRef.close();
  });

  it('is a configuration like others', () => {
    jest.replaceProperty(process, 'env', { REDIS_URL: 'redis://h' });
    expect(redisConfig()).toEqual({ connection: { url: 'redis://h' } });
    expect(redisConfig.KEY).toBe('CONFIGURATION(redis)');
  });

  it('stops the boot with the name of a wrong variable', async () => {
    await expect(boot({ REDIS_HOST: 'h', CACHE_TTL: 'soon' }, ['default'])).rejects.toThrow(
      'CACHE_TTL: expected a duration',
    );
  });
});
