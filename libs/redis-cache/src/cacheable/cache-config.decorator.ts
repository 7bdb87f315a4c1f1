import { requireTags } from '../cache/index.js';
import { refuseUnknownKeys, requireObject, toTtlMs } from '../core/common/index.js';
import { requireNamespace } from '../core/keys/index.js';
import { type CacheConfigOptions, NOT_YET } from './cacheable.options.js';
import { requireVaryBy } from './variants.js';

const CACHE_CONFIG = Symbol.for('nestjs-redis-cache:cache-config');

/** The configuration of a class: of itself and of the classes above it. */
export interface ClassConfig extends Omit<CacheConfigOptions, 'varyBy'> {
  /** All that apply, that of the class furthest above first. */
  readonly varyBy: readonly unknown[];
}

/**
 * What the decorated methods of a class have in common; what a method says itself goes before it. Classes below inherit
 * it and may say otherwise; tags and `varyBy` add up.
 *
 * @example
 * @CacheConfig({ namespace: 'products', ttl: '10m' })
 * @Injectable()
 * export class ProductsRepository {}
 * @throws InvalidOptionError naming the class and the option
 */
export function CacheConfig(options: CacheConfigOptions): ClassDecorator {
  return (target) => {
    const name = `${target.name} @CacheConfig`;
    const given = requireObject(name, options);
    refuseUnknownKeys(name, given, { known: ['namespace', 'ttl', 'tags', 'varyBy'], notYet: NOT_YET });
    const { namespace, ttl, tags, varyBy } = given;
    if (namespace !== undefined) requireNamespace(`${name}.namespace`, namespace);
    if (ttl !== undefined) toTtlMs(`${name}.ttl`, ttl);
    if (tags !== undefined) requireTags(`${name}.tags`, tags);
    if (varyBy !== undefined) requireVaryBy(`${name}.varyBy`, varyBy);
    const said = Object.entries(given).filter(([, value]) => value !== undefined);
    Reflect.defineMetadata(CACHE_CONFIG, Object.fromEntries(said), target);
  };
}

/** What `@CacheConfig` says for instances with a prototype. */
export function classConfigOf(prototype: object): ClassConfig {
  const inherited = configsAbove(prototype);
  const nearest = inherited.reduce<CacheConfigOptions>((above, below) => ({ ...above, ...below }), {});
  return {
    ...nearest,
    tags: inherited.flatMap(({ tags = [] }) => tags),
    varyBy: inherited.flatMap(({ varyBy }) => (varyBy === undefined ? [] : [varyBy])),
  };
}

/** The configurations of a class and of those above it, the one furthest above first. */
function configsAbove(prototype: object | null): readonly CacheConfigOptions[] {
  if (prototype === null) return [];
  const own = Reflect.getOwnMetadata(CACHE_CONFIG, prototype.constructor) as CacheConfigOptions | undefined;
  return [...configsAbove(Object.getPrototypeOf(prototype) as object | null), ...(own === undefined ? [] : [own])];
}
