import {
  type DynamicModule,
  type ExecutionContext,
  type FactoryProvider,
  Module,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import {
  type CacheNamespaceOptions,
  CacheNamespaces,
  CacheService,
  CachesOfOptions,
  getCacheToken,
  resolveNamespace,
  warnOfShortTtl,
} from './cache/index.js';
import { CACHE_ACCESS, CacheableExplorer, CacheAccess } from './cacheable/index.js';
import {
  DEFAULT_CONNECTION,
  getConnectionToken,
  getRedisToken,
  RedisConnection,
  RedisConnections,
} from './core/connection/index.js';
import { requireNamespace } from './core/keys/index.js';
import { createLockService, LOCK_ACCESS, LockService } from './lock/index.js';
import {
  GIVEN_OPTIONS,
  type ModuleOptions,
  optionsProvidersOf,
  type RedisCacheAsyncOptions,
} from './redis-cache.async-options.js';
import {
  createRateLimiter,
  RateLimitExplorer,
  RateLimitService,
  REQUEST_LIMITS,
  RequestLimits,
} from './rate-limit/index.js';
import { RedisCacheEvents } from './redis-cache.events.js';
import { RedisCacheLogger } from './redis-cache.logger.js';
import {
  connectionNamesOf,
  type DeclaredConnections,
  type RedisCacheOptions,
  requireAsyncOptions,
  requireFeatures,
  requireRootOptions,
  resolveRedisCacheOptions,
  type ResolvedRedisCacheOptions,
} from './redis-cache.options.js';
import { HTTP_SESSIONS, HttpSessions, openSessionStore, SessionIds, SessionService } from './session/index.js';

export interface CacheFeature extends CacheNamespaceOptions {
  readonly namespace: string;
}

const RESOLVED_OPTIONS = Symbol.for('nestjs-redis-cache:resolved-options');

/**
 * Everything Redis is used for beside the database, as one global module.
 *
 * @example
 * RedisCacheModule.forRootAsync({
 *   inject: [ConfigService],
 *   useFactory: (config: ConfigService) => ({ connection: { url: config.getOrThrow('REDIS_URL') }, keyPrefix: 'shop' }),
 * })
 */
@Module({})
export class RedisCacheModule {
  /** With options that are known now. Wrong ones stop the boot, naming the option. */
  static forRoot(given: RedisCacheOptions & ModuleOptions): DynamicModule {
    requireRootOptions(given);
    const { isGlobal, ...options } = given;
    const namespaces = Object.keys(options.cache?.namespaces ?? {});
    return rootModule({ isGlobal, connections: connectionNamesOf(options), namespaces }, [
      { provide: GIVEN_OPTIONS, useValue: options },
    ]);
  }

  /** With options that are made while the application starts. */
  static forRootAsync(given: RedisCacheAsyncOptions): DynamicModule {
    requireAsyncOptions(given);
    const { isGlobal, imports, connections, ...source } = given;
    return {
      ...rootModule({ isGlobal, connections, namespaces: [] }, optionsProvidersOf(source)),
      imports: imports ?? [],
    };
  }

  /**
   * Declares cache namespaces where they are used, each for `@InjectCache(namespace)`.
   *
   * @param options `imports` is only needed beside a root module with `isGlobal: false`
   * @example RedisCacheModule.forFeature([{ namespace: 'products', ttl: '10m', classes: [Product] }])
   */
  static forFeature(
    features: readonly CacheFeature[],
    { imports = [] }: Pick<ModuleMetadata, 'imports'> = {},
  ): DynamicModule {
    requireFeatures(features);
    const providers = features.map(namespaceProvider);
    return { module: RedisCacheFeatureModule, imports, providers, exports: providers };
  }
}

@Module({})
class RedisCacheFeatureModule {}

function rootModule(
  names: { isGlobal: boolean | undefined; connections: DeclaredConnections; namespaces: readonly string[] },
  optionsProviders: Provider[],
): DynamicModule {
  const exported: Provider[] = [
    { provide: RedisCacheEvents, useFactory: () => new RedisCacheEvents() },
    {
      provide: RedisCacheLogger,
      inject: [RedisCacheEvents, RESOLVED_OPTIONS],
      useFactory: (events: RedisCacheEvents, { warnings }: ResolvedRedisCacheOptions) =>
        new RedisCacheLogger(events, warnings),
    },
    ...(names.connections ?? [DEFAULT_CONNECTION]).flatMap(connectionProviders),
    { provide: RedisConnection, useExisting: getConnectionToken() },
    {
      provide: CacheNamespaces,
      inject: [RESOLVED_OPTIONS, RedisConnections, RedisCacheEvents],
      useFactory: (
        { cache, keyPrefix }: ResolvedRedisCacheOptions,
        connections: RedisConnections,
        events: RedisCacheEvents,
      ) => new CacheNamespaces({ ...cache, keyPrefix }, connections, events),
    },
    {
      provide: CacheService,
      inject: [CacheNamespaces, RESOLVED_OPTIONS, CachesOfOptions],
      useFactory: (
        namespaces: CacheNamespaces,
        { cache: { namespaces: declared } }: ResolvedRedisCacheOptions,
        caches: CachesOfOptions,
      ) => {
        const service = new CacheService(namespaces, 'default');
        for (const { name } of declared) if (!names.namespaces.includes(name)) caches.add(service.namespace(name));
        return service;
      },
    },
    {
      provide: CACHE_ACCESS,
      inject: [CacheService],
      useFactory: (cache: CacheService) => new CacheAccess(cache),
    },
    {
      provide: LockService,
      inject: [RESOLVED_OPTIONS, RedisConnections, RedisCacheEvents, RedisCacheLogger],
      useFactory: (
        { lock, keyPrefix }: ResolvedRedisCacheOptions,
        connections: RedisConnections,
        events: RedisCacheEvents,
        logger: RedisCacheLogger,
      ) =>
        createLockService(
          lock.connections.map((name) => connections.get(name, lock.connectionOption)),
          { ...lock, keyPrefix },
          { events, warn: (message) => logger.warn(message) },
        ),
    },
    { provide: LOCK_ACCESS, useExisting: LockService },
    {
      provide: RateLimitService,
      inject: [RESOLVED_OPTIONS, RedisConnections, RedisCacheEvents],
      useFactory: (
        { rateLimit, keyPrefix }: ResolvedRedisCacheOptions,
        connections: RedisConnections,
        events: RedisCacheEvents,
      ) => {
        const connection = connections.get(rateLimit.connection, 'rateLimit.connection');
        return new RateLimitService(createRateLimiter({ ...rateLimit, keyPrefix }, connection, events));
      },
    },
    {
      provide: REQUEST_LIMITS,
      inject: [RESOLVED_OPTIONS, RateLimitService, HttpAdapterHost, RedisCacheEvents, HTTP_SESSIONS],
      useFactory: (
        { rateLimit, session }: ResolvedRedisCacheOptions,
        { limiter }: RateLimitService,
        http: HttpAdapterHost,
        events: RedisCacheEvents,
        sessions: HttpSessions,
      ) => {
        const sessionOf = (context: ExecutionContext) => sessions.of(context).read();
        return new RequestLimits(rateLimit, { limiter, http, events, ...(session.isConfigured && { sessionOf }) });
      },
    },
    ...names.namespaces.map((name) => ({
      provide: getCacheToken(name),
      inject: [CacheService],
      useFactory: (cache: CacheService) => cache.namespace(name),
    })),
    ...sessionProviders(),
  ];
  const internal: Provider[] = [
    ...optionsProviders,
    CachesOfOptions,
    {
      provide: CacheableExplorer,
      inject: [ModulesContainer, CACHE_ACCESS],
      useFactory: (modules: ModulesContainer, access: CacheAccess) =>
        new CacheableExplorer(new DiscoveryService(modules), access),
    },
    {
      provide: RateLimitExplorer,
      inject: [ModulesContainer, REQUEST_LIMITS],
      useFactory: (modules: ModulesContainer, limits: RequestLimits) =>
        new RateLimitExplorer(new DiscoveryService(modules), limits),
    },
    {
      provide: RESOLVED_OPTIONS,
      inject: [GIVEN_OPTIONS],
      useFactory: (given: unknown) => resolveRedisCacheOptions(given, names.connections),
    },
    {
      provide: RedisConnections,
      // The logger comes first, so that it hears the connections' first words.
      inject: [RESOLVED_OPTIONS, RedisCacheEvents, RedisCacheLogger],
      useFactory: ({ connections }: ResolvedRedisCacheOptions, events: RedisCacheEvents) =>
        new RedisConnections(connections.map((connection) => new RedisConnection(connection, events))),
    },
  ];
  return {
    module: RedisCacheModule,
    global: names.isGlobal ?? true,
    providers: [...internal, ...exported],
    exports: exported,
  };
}

function connectionProviders(name: string): Provider[] {
  return [
    {
      provide: getConnectionToken(name),
      inject: [RedisConnections],
      useFactory: (connections: RedisConnections) => connections.get(name, 'connections'),
    },
    {
      provide: getRedisToken(name),
      inject: [getConnectionToken(name)],
      useFactory: (connection: RedisConnection) => connection.client,
    },
  ];
}

function sessionProviders(): Provider[] {
  const service: FactoryProvider = {
    provide: SessionService,
    inject: [RESOLVED_OPTIONS, RedisConnections, RedisCacheEvents],
    useFactory: (
      { session: options, keyPrefix }: ResolvedRedisCacheOptions,
      connections: RedisConnections,
      events: RedisCacheEvents,
    ) => {
      const ids = new SessionIds(options.secret);
      const connection = connections.get(options.connection, 'session.connection');
      return new SessionService(openSessionStore(connection, { keyPrefix, ids, options }), ids, options, events);
    },
  };
  const ofRequests: FactoryProvider = {
    provide: HTTP_SESSIONS,
    inject: [SessionService],
    useFactory: (sessions: SessionService) => new HttpSessions(sessions),
  };
  return [service, ofRequests];
}

function namespaceProvider({ namespace, ...options }: CacheFeature): FactoryProvider {
  const option = `forFeature(${namespace})`;
  return {
    provide: getCacheToken(namespace),
    inject: [CacheNamespaces, CacheService, RedisCacheLogger],
    useFactory: (namespaces: CacheNamespaces, cache: CacheService, logger: RedisCacheLogger) => {
      const name = requireNamespace('forFeature: namespace', namespace);
      namespaces.declare(resolveNamespace(option, options, { ...namespaces.defaults, name }));
      warnOfShortTtl(`${option}.ttl`, options.ttl).forEach((warning) => logger.warn(warning));
      return cache.namespace(name);
    },
  };
}
