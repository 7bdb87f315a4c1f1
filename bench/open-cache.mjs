import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';

/**
 * An application with a cache on the Redis of REDIS_URL, in a key prefix of its own.
 *
 * @param {import('nestjs-redis-cache').CacheOptions} options
 */
export async function openCache(options = {}) {
  const { app, url, keyPrefix } = await openApp(options);
  return { cache: app.get(CacheService), url, keyPrefix, close: () => app.close() };
}

/**
 * An application on the Redis of REDIS_URL. All of one process share a key prefix.
 *
 * @param {import('nestjs-redis-cache').CacheOptions} options
 */
export async function openApp(options = {}) {
  const url = process.env.REDIS_URL;
  if (!url) throw new Error('REDIS_URL is not set: npm run bench bench/<name>.bench.mjs');
  const keyPrefix = `bench-${process.pid}`;
  class BenchModule {}
  Module({
    imports: [
      RedisCacheModule.forRoot({
        connection: { url },
        keyPrefix,
        cache: { ttl: '10m', ...options },
        lock: { afterDataLoss: 'grant' }, // the server is younger than a lock may be
      }),
    ],
  })(BenchModule);
  const app = await NestFactory.createApplicationContext(BenchModule, { logger: ['error'] });
  return { app, url, keyPrefix };
}
