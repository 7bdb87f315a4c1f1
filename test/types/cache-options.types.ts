/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import { type CacheOptions, type CacheService, RedisCacheModule } from 'nestjs-redis-cache';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function is<Expected>(): <Actual>(
  value: Actual,
  ...proof: Same<Actual, Expected> extends true ? [] : [never]
) => void;
declare function cache(given: CacheOptions): void;
declare const service: CacheService;

// Whether there is a cache at all.
cache({ enabled: true });
cache({ enabled: process.env.CACHE_ENABLED !== 'false' });
// @ts-expect-error -- a text is not what it says
cache({ enabled: 'false' });
// @ts-expect-error -- not a number
cache({ enabled: 0 });
// @ts-expect-error -- all namespaces or none
cache({ namespaces: { products: { enabled: false } } });
// @ts-expect-error -- all namespaces or none
RedisCacheModule.forFeature([{ namespace: 'products', enabled: false }]);

// Copies in memory.
cache({ l1: true, namespaces: { plain: { l1: false }, few: { l1: { maxEntries: 100, maxBytes: 2 ** 20 } } } });
cache({ l1: { values: 'cloned' } });
RedisCacheModule.forFeature([{ namespace: 'products', l1: { values: 'frozen' } }]);
// @ts-expect-error -- not a number
cache({ l1: 10_000 });
// @ts-expect-error -- a number of bytes
cache({ l1: { maxBytes: '8mb' } });
// @ts-expect-error -- neither frozen nor cloned
cache({ l1: { values: 'shared' } });
// @ts-expect-error -- unknown option
cache({ l1: { maxEntires: 100 } });
void service.get('key', { l1: false });
void service.getOrSet('key', () => 1, { l1: false });
// @ts-expect-error -- a call can only switch it off
void service.get('key', { l1: true });

// What a read does when Redis does not answer.
cache({ onError: 'load' });
cache({
  l1: true,
  onError: 'stale',
  namespaces: { prices: { onError: 'throw' }, plain: { l1: false, onError: 'load' } },
});
RedisCacheModule.forFeature([{ namespace: 'articles', l1: true, onError: 'stale' }]);
// @ts-expect-error -- none of the three
cache({ onError: 'ignore' });
// @ts-expect-error -- not a function
cache({ onError: () => undefined });
// @ts-expect-error -- for a namespace, not for a call
void service.get('key', { onError: 'stale' });
is<number | undefined>()(service.l1?.stale);
is<'up' | 'degraded' | 'down' | 'off'>()(service.health().status);
