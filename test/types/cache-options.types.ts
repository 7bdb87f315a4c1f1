/** Compiled by `npm run typecheck`, never run. What must not compile is marked; a mark that has become untrue fails. */
import { type CacheOptions, RedisCacheModule } from 'nestjs-redis-cache';

declare function cache(given: CacheOptions): void;

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
