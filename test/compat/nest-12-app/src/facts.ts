import { isDeepStrictEqual } from 'node:util';
import type { CacheService } from 'nestjs-redis-cache';
import { Product } from './product.js';
import type { ProductsService } from './products.service.js';

const HOUR = 60 * 60 * 1_000;

/** What this application sees of the package; run.mjs, above this folder, knows what it should see. */
export async function collectFacts(service: ProductsService) {
  const { cache, products, connection, redis } = service;
  await service.find('1');
  const found = await service.find('1');

  const stored = { date: new Date(0), map: new Map([[new Date(1), new Product('In a map', 5)]]) };
  await products.set('values', stored);
  await cache.set('greeting', 'hello');

  return {
    injected: [cache, products, connection].map((injected) => injected.constructor.name),
    topology: redis.isCluster ? 'cluster' : 'standalone',
    status: connection.status,
    echo: await redis.echo('hello'),
    loads: service.loads,
    label: found instanceof Product && found.label,
    keepsTypes: isDeepStrictEqual(await products.get('values'), stored),
    ...(await copiedFacts(cache.namespace('copied'))),
    greetings: [await cache.has('greeting'), await products.has('greeting')],
    invalidated: [(await products.invalidate('*')).removed, await products.has('1')],
    hoursToLive: Math.ceil(Number(await cache.ttl('greeting')) / HOUR),
  };
}

/** How many sockets this process still has. */
export function countSocketsLeft(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource.includes('Socket')).length;
}

/** Whether there comes to be a copy in memory, and whether Redis's message takes it away again. */
async function copiedFacts(copies: CacheService) {
  await copies.set('copied', 'value');
  const isCopied = await becomesTrue(async () => {
    await copies.get('copied');
    return (await copies.explain('copied')).tier === 'l1';
  });
  const { invalidations = 0 } = copies.l1 ?? {};
  await copies.delete('copied');
  return { isCopied, isTold: await becomesTrue(async () => (copies.l1?.invalidations ?? 0) > invalidations) };
}

async function becomesTrue(isTrue: () => Promise<boolean>): Promise<boolean> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (await isTrue()) return true;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return false;
}
