import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { RateLimitGuard, type RateLimitOptions, RedisCacheModule, type SessionOptions } from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { uniquePrefix } from '../../support/test-app.js';

export const PLATFORMS = ['express', 'fastify'] as const;
export type Platform = (typeof PLATFORMS)[number];

export interface Started {
  readonly app: INestApplication;
  readonly url: string;
  readonly logger: CollectingLogger;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, body: object): Promise<Response>;
}

export interface StartOptions {
  readonly platform: Platform;
  readonly controllers: Type[];
  readonly rateLimit?: RateLimitOptions;
  /** @default no sessions */
  readonly session?: SessionOptions;
  readonly providers?: ModuleMetadata['providers'];
  /** Whether the guard stands before all routes. */
  readonly guard?: 'global' | 'none';
  /** Whether one proxy is trusted. */
  readonly proxies?: number;
  readonly redisUrl?: string;
}

/** An application that listens, with limits of its own in the shared Redis. */
export async function start(options: StartOptions): Promise<Started> {
  const { platform, controllers, rateLimit = {}, providers = [], guard = 'global', proxies = 0 } = options;
  const logger = new CollectingLogger();
  const url = options.redisUrl ?? process.env.REDIS_URL!;
  const root = RedisCacheModule.forRoot({
    connection: { url },
    keyPrefix: uniquePrefix(),
    rateLimit: { timeout: '5s', ...rateLimit },
    ...(options.session && { session: options.session }),
  });
  const guards = guard === 'global' ? [{ provide: APP_GUARD, useClass: RateLimitGuard }] : [];
  const module = await Test.createTestingModule({ imports: [root], controllers, providers: [...providers, ...guards] })
    .setLogger(logger)
    .compile();
  const app =
    platform === 'express'
      ? module.createNestApplication<NestExpressApplication>({ logger })
      : module.createNestApplication(
          new FastifyAdapter({
            forceCloseConnections: true,
            trustProxy: proxies > 0 ? (_, hop) => hop < proxies : false,
          }),
          { logger },
        );
  if (platform === 'express' && proxies > 0) (app as NestExpressApplication).set('trust proxy', proxies);
  await app.listen(0, '127.0.0.1');
  const base = await app.getUrl();
  return {
    app,
    url: base,
    logger,
    get: (path, headers = {}) => fetch(base + path, { headers }),
    post: (path, body) =>
      fetch(base + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
  };
}
