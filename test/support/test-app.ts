import { randomUUID } from 'node:crypto';
import type { INestApplicationContext, LoggerService, ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModuleBuilder } from '@nestjs/testing';
import { RedisCacheModule, type RedisCacheOptions } from 'nestjs-redis-cache';

type TestOptions = RedisCacheOptions &
  Pick<ModuleMetadata, 'imports' | 'providers'> & {
    readonly logger?: LoggerService;
    readonly override?: (builder: TestingModuleBuilder) => TestingModuleBuilder;
  };

/** A prefix that no other test uses: tests share servers and never flush them. */
export function uniquePrefix(): string {
  return `test-${randomUUID()}`;
}

export const SILENT: LoggerService = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** Starts an application around the module. The test closes it. */
export async function startApp({
  imports = [],
  providers = [],
  logger,
  override = (builder) => builder,
  ...options
}: TestOptions): Promise<INestApplicationContext> {
  const root = RedisCacheModule.forRoot({ keyPrefix: uniquePrefix(), ...options });
  const builder = override(Test.createTestingModule({ imports: [root, ...imports], providers }));
  const moduleRef = await builder.setLogger(logger ?? SILENT).compile();
  return moduleRef.init();
}
