import {
  type Duration,
  InvalidOptionError,
  refuse,
  refuseUnknownKeys,
  requireBoolean,
  requireObject,
  requireInteger,
  requireOneOf,
  requireString,
  toTtlMs,
  type Ttl,
} from '../core/common/index.js';
import { type ClassRegistration, requireSerializer, type SerializerOption } from '../core/codec/index.js';
import { DEFAULT_CONNECTION } from '../core/connection/index.js';
import { requireNamespace } from '../core/keys/index.js';
import type { OnUndelivered } from './deliveries.js';
import { type L1Options, requireL1, type ResolvedL1 } from './l1.options.js';
import type { ErrorClass } from './remembered-errors.js';

/** What a read does when Redis does not answer. */
export type OnError = 'load' | 'throw' | 'stale';

/** What something varies by, by name. `undefined` means that it is not known here, and refuses the call; `null` is a value. */
export type VaryByContext = Readonly<Record<string, () => string | number | boolean | bigint | null | undefined>>;

/** Options of one namespace, in `forRoot({ cache: { namespaces } })` or `forFeature`. What is missing is inherited from `cache`. */
export interface CacheNamespaceOptions {
  /** How long an entry is fresh. A number is milliseconds. @default cache.ttl */
  readonly ttl?: Ttl;
  /** @default cache.serializer */
  readonly serializer?: SerializerOption;
  /** Classes whose instances may be stored here, beside those of `cache.classes`. Only the `typed` serialiser keeps them. */
  readonly classes?: ClassRegistration;
  /** The connection this namespace lives on. @default cache.connection */
  readonly connection?: string;
  /**
   * What the results of decorated methods vary by, beside their arguments: tenant, locale, user. Keys of other calls are
   * taken as they are. In addition to `cache.varyBy`. @default nothing
   * @example varyBy: { tenant: () => request.getStore()?.tenant }
   */
  readonly varyBy?: VaryByContext;
  /**
   * Whether Redis keeps an index of the keys and tags, about 104 bytes a key and 120 a tag. Without one there are no tags, patterns are
   * refused, and `keys`, `size` and `clear` SCAN the whole database. @default true
   */
  readonly index?: boolean;
  /**
   * What a read does when Redis does not answer: `'load'`, as if the key were missing; `'throw'`, it rejects with the
   * connection's error, and nothing is loaded; `'stale'`, which needs `l1`, it is answered from the last copy in the
   * memory of this process, which others may have evicted meanwhile, until its ttl has ended; without one as with `'load'`.
   * @default 'load'
   */
  readonly onError?: 'load' | 'throw' | 'stale';
  /**
   * What an eviction does when Redis does not hear it. It is noted and repeated in either case. `'journal'`: it resolves
   * as not delivered, and an event tells. `'throw'`: it also rejects with {@link UndeliveredEvictionError}, which has what
   * the decorated method, or the unit of work, has returned. @default 'journal'
   */
  readonly onUndelivered?: 'journal' | 'throw';
  /**
   * So many replicas of a primary have an eviction before it counts as delivered (`WAIT`, for at most `commandTimeout`): what they
   * have outlives a failover to them. With fewer it is undelivered, and repeated until so many have it. @default 0
   */
  readonly minReplicas?: number;
  /**
   * Whether this process keeps copies in its own memory, which Redis tells it to drop when they change: a hit asks nobody.
   * Not with the `json` serialiser. @default false
   */
  readonly l1?: boolean | L1Options;
}

export interface CacheOptions extends CacheNamespaceOptions {
  /** How long an entry is fresh. A number is milliseconds; `'forever'` must be said. @default '5m' */
  readonly ttl?: Ttl;
  /** @default 'typed' */
  readonly serializer?: SerializerOption;
  /** @default 'default' */
  readonly connection?: string;
  /**
   * `false` switches caching off, in all namespaces: loads run (shared in this process while they do), nothing is stored,
   * nothing is evicted, and no connection is opened for it. Locks and sessions are not concerned. Switch it off in all
   * processes or in none: one that is off evicts nothing of what the others read. @default true
   */
  readonly enabled?: boolean;
  /** Namespaces known from the start; others are declared by the modules that use them, with `forFeature`. */
  readonly namespaces?: Readonly<Record<string, CacheNamespaceOptions>>;
}

/** Options of a single call that stores a value. */
export interface CacheSetOptions {
  /** How long the entry is fresh. A number is milliseconds. @default the namespace's ttl */
  readonly ttl?: Ttl;
  /** Names under which the entry can be invalidated together with others: at most 64, 4 KiB in all. */
  readonly tags?: readonly string[];
}

/** Options of a call that stores what it has just loaded or written. */
export interface CacheResultOptions<T> extends Omit<CacheSetOptions, 'ttl'> {
  /** How long the entry is fresh; also as a function of the value. A number is milliseconds. @default the namespace's ttl */
  readonly ttl?: Ttl | ((value: T) => Ttl);
  /** Tags that depend on the value, in addition to `tags`. */
  readonly tagsFrom?: (value: T) => readonly string[];
  /** Values for which it holds are returned and not stored. */
  readonly unless?: (value: T) => boolean;
}

/** Options of a call that reads. */
export interface CacheReadOptions {
  /** `false` asks Redis, also where a copy in the memory of this process could answer. */
  readonly l1?: false;
}

/** Options of a call that loads a value when there is none. */
export interface CacheLoadOptions<T> extends CacheResultOptions<T>, CacheReadOptions {
  /** Loads now, although there may be an entry, and replaces it. @default false */
  readonly fresh?: boolean;
  /**
   * Errors of exactly these classes are remembered: until `errorTtl` has passed nobody loads again, and an error of the
   * same class, with the same message and properties, is thrown. `get` finds nothing there. @default none
   */
  readonly cacheErrors?: readonly ErrorClass[];
  /** How long an error is remembered. @default '10s' */
  readonly errorTtl?: Duration;
}

export interface ResolvedNamespace {
  readonly name: string;
  /** `Infinity` for `'forever'`. */
  readonly ttlMs: number;
  readonly serializer: SerializerOption;
  readonly index: boolean;
  readonly onError: OnError;
  readonly onUndelivered: OnUndelivered;
  readonly minReplicas: number;
  /** `undefined` when it is off. */
  readonly l1: ResolvedL1 | undefined;
  /** The namespace's own behind that of all. */
  readonly varyBy: readonly VaryByContext[];
  readonly classes: readonly { readonly option: string; readonly classes: ClassRegistration }[];
  readonly connection: string;
  /** The option that chose the connection, for the message when there is none of that name. */
  readonly connectionOption: string;
}

export interface ResolvedCacheOptions {
  readonly isEnabled: boolean;
  /** The namespace of the root service; the others inherit from it. */
  readonly defaults: ResolvedNamespace;
  readonly namespaces: readonly ResolvedNamespace[];
  readonly warnings: readonly string[];
}

const REPLICAS = { min: 0, max: 100 };
const NAMESPACE_OPTIONS = [
  ...['ttl', 'serializer', 'classes', 'connection', 'index', 'l1', 'varyBy'],
  ...['onError', 'onUndelivered', 'minReplicas'],
];
const NOT_YET = [
  ...['compression', 'condition', 'earlyRefresh', 'encryption', 'jitter'],
  ...['staleIfError', 'staleWhileRevalidate', 'tags', 'tagsFrom', 'unless'],
];

export function resolveCacheOptions(option: string, options: unknown): ResolvedCacheOptions {
  const given = requireObject(option, options === undefined ? {} : options);
  refuseUnknownKeys(option, given, { known: [...NAMESPACE_OPTIONS, 'enabled', 'namespaces'], notYet: NOT_YET });
  const builtIn: ResolvedNamespace = {
    name: 'default',
    ttlMs: toTtlMs('ttl', '5m'),
    serializer: 'typed',
    index: true,
    onError: 'load',
    onUndelivered: 'journal',
    minReplicas: 0,
    l1: undefined,
    varyBy: [],
    classes: [],
    connection: DEFAULT_CONNECTION,
    connectionOption: `${option}.connection`,
  };
  const { namespaces, enabled = true, ...own } = given;
  const isEnabled = requireBoolean(`${option}.enabled`, enabled);
  const defaults = resolveNamespace(option, own, builtIn);
  const declared = Object.entries(
    requireObject(`${option}.namespaces`, namespaces === undefined ? {} : namespaces),
  ).map(([name, options]) =>
    resolveNamespace(`${option}.namespaces.${name}`, requireObject(`${option}.namespaces.${name}`, options), {
      ...defaults,
      name: requireNamespace(`${option}.namespaces`, name),
    }),
  );
  const warnings = [...warnOfShortTtls(option, given), ...(isEnabled ? [] : [saysOff(option)])];
  return { isEnabled, defaults, namespaces: declared, warnings };
}

/** Checks the options of one namespace. @param inherited what applies where nothing is given */
export function resolveNamespace(
  option: string,
  given: Record<string, unknown>,
  inherited: ResolvedNamespace,
): ResolvedNamespace {
  refuseUnknownKeys(option, given, { known: NAMESPACE_OPTIONS, notYet: NOT_YET });
  const { ttl, serializer, classes, connection, index, varyBy, l1, onError, onUndelivered, minReplicas } = given;
  const resolved = {
    name: inherited.name,
    ttlMs: ttl === undefined ? inherited.ttlMs : toTtlMs(`${option}.ttl`, ttl),
    serializer: serializer === undefined ? inherited.serializer : requireSerializer(`${option}.serializer`, serializer),
    varyBy: varyBy === undefined ? inherited.varyBy : [...inherited.varyBy, requireVaryBy(`${option}.varyBy`, varyBy)],
    onError:
      onError === undefined
        ? inherited.onError
        : requireOneOf(`${option}.onError`, onError, ['load', 'throw', 'stale']),
    onUndelivered:
      onUndelivered === undefined
        ? inherited.onUndelivered
        : requireOneOf(`${option}.onUndelivered`, onUndelivered, ['journal', 'throw']),
    minReplicas:
      minReplicas === undefined
        ? inherited.minReplicas
        : requireInteger(`${option}.minReplicas`, minReplicas, REPLICAS),
    index: index === undefined ? inherited.index : requireBoolean(`${option}.index`, index),
    classes:
      classes === undefined ? inherited.classes : [...inherited.classes, requireClasses(`${option}.classes`, classes)],
    connection: connection === undefined ? inherited.connection : requireString(`${option}.connection`, connection),
    connectionOption: connection === undefined ? inherited.connectionOption : `${option}.connection`,
    l1: l1 === undefined ? inherited.l1 : requireL1(`${option}.l1`, l1),
  };
  if (resolved.l1 !== undefined && resolved.serializer === 'json')
    throw new InvalidOptionError(
      `${option}.l1`,
      "cannot be had with the 'json' serializer, whose entries do not tell when they end. Write l1: false, or another serializer.",
    );
  if (resolved.l1 === undefined && resolved.onError === 'stale')
    throw new InvalidOptionError(
      `${option}.onError`,
      "is 'stale', which serves copies in memory, and there are none without l1. Write l1: true, or another onError.",
    );
  return resolved;
}

/** A bare number below a second was probably meant as seconds. */
export function warnOfShortTtl(option: string, ttl: unknown): string[] {
  if (typeof ttl !== 'number' || ttl >= 1_000) return [];
  return [
    `${option} is ${ttl} milliseconds. Did you mean seconds? Write '${ttl}s', or '${ttl}ms' to end this warning.`,
  ];
}

function warnOfShortTtls(option: string, given: Record<string, unknown>): string[] {
  const namespaces = Object.entries((given.namespaces ?? {}) as Record<string, { ttl?: unknown }>);
  return [
    ...warnOfShortTtl(`${option}.ttl`, given.ttl),
    ...namespaces.flatMap(([name, { ttl }]) => warnOfShortTtl(`${option}.namespaces.${name}.ttl`, ttl)),
  ];
}

function saysOff(option: string): string {
  return `${option}.enabled is false: loads run each time, nothing is stored, and nothing that other processes read is evicted.`;
}

function requireVaryBy(option: string, given: unknown): VaryByContext {
  const values = Object.values(requireObject(option, given));
  const isRight = values.length > 0 && values.every((value) => typeof value === 'function');
  return isRight
    ? (given as VaryByContext)
    : refuse(option, 'an object of functions such as { tenant: () => … }', given);
}

function requireClasses(option: string, given: unknown): { option: string; classes: ClassRegistration } {
  const classes = Array.isArray(given)
    ? (given as ClassRegistration)
    : (requireObject(option, given) as ClassRegistration);
  return { option, classes };
}
