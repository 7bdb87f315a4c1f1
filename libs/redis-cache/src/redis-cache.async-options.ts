import type { FactoryProvider, InjectionToken, ModuleMetadata, Provider, Type } from '@nestjs/common';
import type { RedisCacheOptions } from './redis-cache.options.js';

export interface ModuleOptions {
  /** Whether other modules can inject from here without importing it. @default true */
  readonly isGlobal?: boolean;
}

/** A class that makes the options, for `useClass` and `useExisting`. */
export interface RedisCacheOptionsFactory {
  createRedisCacheOptions(): Promise<RedisCacheOptions> | RedisCacheOptions;
}

type OptionsSource =
  | {
      readonly useFactory: (...injected: never[]) => Promise<RedisCacheOptions> | RedisCacheOptions;
      readonly inject?: FactoryProvider['inject'];
    }
  | { readonly useClass: Type<RedisCacheOptionsFactory> }
  | { readonly useExisting: InjectionToken<RedisCacheOptionsFactory> };

export type RedisCacheAsyncOptions = ModuleOptions &
  OptionsSource & {
    readonly imports?: ModuleMetadata['imports'];
    /**
     * The names of all connections that the options will bring, so that each can be injected. Without them only the
     * default one can, and a warning names the others; with them the options must bring these and no others.
     * @default ['default']
     */
    readonly connections?: readonly string[];
  };

/** What the application has given, not checked yet. */
export const GIVEN_OPTIONS = Symbol.for('nestjs-redis-cache:given-options');
const OPTIONS_FACTORY = Symbol.for('nestjs-redis-cache:options-factory');

/** Provides {@link GIVEN_OPTIONS}, however they are made. */
export function optionsProvidersOf(source: OptionsSource): Provider[] {
  if ('useFactory' in source) {
    return [{ provide: GIVEN_OPTIONS, useFactory: source.useFactory as never, inject: source.inject ?? [] }];
  }
  const given: Provider = {
    provide: GIVEN_OPTIONS,
    inject: ['useExisting' in source ? source.useExisting : OPTIONS_FACTORY],
    useFactory: (factory: RedisCacheOptionsFactory) => factory.createRedisCacheOptions(),
  };
  return 'useExisting' in source ? [given] : [given, { provide: OPTIONS_FACTORY, useClass: source.useClass }];
}
