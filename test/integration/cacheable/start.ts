import type { INestApplication, LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { type ConnectionOptions, RedisCacheModule, type RedisCacheOptions } from 'nestjs-redis-cache';
import { CollectingLogger } from '../../support/collecting-logger.js';
import { uniquePrefix } from '../../support/test-app.js';
import { sharedServer } from '../../support/topologies.js';

type Options = Pick<ModuleMetadata, 'imports' | 'providers' | 'controllers'> &
  Pick<RedisCacheOptions, 'cache'> & {
    readonly connection?: ConnectionOptions;
    readonly logger?: LoggerService;
  };

/** Starts an application with the given classes and a cache of its own. */
export async function start({ connection, cache, logger, imports = [], ...rest }: Options): Promise<INestApplication> {
  const root = RedisCacheModule.forRoot({
    connection: connection ?? sharedServer(),
    keyPrefix: uniquePrefix(),
    cache: cache ?? {},
  });
  const module = await Test.createTestingModule({ imports: [root, ...imports], ...rest })
    .setLogger(logger ?? new CollectingLogger())
    .compile();
  const app = module.createNestApplication({ logger: logger ?? new CollectingLogger() });
  try {
    return await app.init();
  } catch (error) {
    await app.close();
    throw error;
  }
}
