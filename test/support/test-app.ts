import { randomUUID } from 'node:crypto';
import type { INestApplicationContext, ModuleMetadata } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { RedisCacheModule, type RedisCacheOptions } from 'nestjs-redis-cache';

type TestOptions = RedisCacheOptions & Pick<ModuleMetadata, 'imports' | 'providers'>;

/** A prefix that no other test uses: tests share servers and never flush them. */
export function uniquePrefix(): string {
  return `test-${randomUUID()}`;
}

/** Starts an application around the module, and closes it after the test or the suite that started it. */
export async function startApp(options: TestOptions): Promise<INestApplicationContext> {
  const { imports = [], providers = [], ...cacheOptions } = options;
  const root = RedisCacheModule.forRoot({ keyPrefix: uniquePrefix(), ...cacheOptions });
  const moduleRef = await Test.createTestingModule({ imports: [root, ...imports], providers }).setLogger(false).compile();
  return moduleRef.init();
}
