import { Inject } from '@nestjs/common';

/** The token of a namespace's {@link CacheService}. */
export function getCacheToken(namespace: string): symbol {
  return Symbol.for(`nestjs-redis-cache:cache:${namespace}`);
}

/**
 * Injects the cache of a namespace that `forFeature` or `forRoot` has declared.
 *
 * @example constructor(@InjectCache('products') private readonly cache: CacheService) {}
 */
export function InjectCache(namespace: string): ParameterDecorator & PropertyDecorator {
  return Inject(getCacheToken(namespace));
}
