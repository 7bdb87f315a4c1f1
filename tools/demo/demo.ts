import 'reflect-metadata';
import { cpus } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { CacheService, RedisCacheModule } from 'nestjs-redis-cache';
import { startWorkers } from '../../test/history/workers/worker-process.js';
import type { Server } from '../redis/find-server.mjs';
import { allKept, type Finding, tableOf } from './findings.js';
import { InvalidationAmongMany } from './invalidation-among-many.js';
import { loadsOfColdKeys } from './loads-of-cold-keys.js';
import { overselling } from './overselling.js';
import { readLatency } from './read-latency.js';
import { chosenScale } from './scale.js';
import { staleAfterInvalidation } from './stale-after-invalidation.js';

const PROCESSES = 4;
const HISTORY_PROCESSES = 3;
const BUYING_PROCESSES = 3;

/** Measures on a server of our own, and prints the table. @returns whether all promises were kept */
export async function demo({ url }: Server, workerFile: string): Promise<boolean> {
  const startedAt = performance.now();
  const scale = chosenScale();
  // The server is new and nobody else's: there was nobody who could still hold a lock.
  const setup = { connection: { url }, keyPrefix: 'demo', lock: { afterDataLoss: 'grant' } } as const;
  const app = await NestFactory.createApplicationContext(RedisCacheModule.forRoot(setup), {
    logger: ['error', 'warn'],
  });
  const cache = app.get(CacheService);
  const redis = new Redis(url);
  const findings: Finding[] = [];

  say('cold and cached reads');
  findings.push(...(await readLatency(cache, redis, scale)));

  const workers = await startWorkers(PROCESSES, workerFile, setup);
  say(`a stampede over ${PROCESSES} processes`);
  findings.push(await loadsOfColdKeys(workers, scale));
  say(`reads, writes and invalidations in ${HISTORY_PROCESSES} processes, twice for ${scale.historyMs / 1_000} s`);
  findings.push(...(await staleAfterInvalidation(workers.slice(0, HISTORY_PROCESSES), url, scale)));
  say(`a sale in ${BUYING_PROCESSES} processes, under the lock of the sample's checkout and without`);
  findings.push(...(await overselling(workers.slice(0, BUYING_PROCESSES), url)));
  await Promise.all(workers.map((worker) => worker.stop()));

  say(`storing ${scale.otherKeys.toLocaleString('en')} keys, then invalidating 5 of them`);
  findings.push(...(await new InvalidationAmongMany(cache, redis, setup.keyPrefix, scale).measure()));

  const server = await nameOf(redis);
  redis.disconnect();
  await app.close();
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  console.log(`\n${tableOf(findings)}\n`);
  console.log(
    `Measured in ${seconds} s: ${server}, ${1 + PROCESSES} processes of Node.js ${process.versions.node}, ` +
      `${cpus().length} processors. Times are medians.`,
  );
  return allKept(findings);
}

function say(step: string): void {
  console.error(`demo: ${step}`);
}

async function nameOf(redis: Redis): Promise<string> {
  const info = await redis.info('server');
  const [, valkey] = /valkey_version:(\S+)/.exec(info) ?? [];
  return valkey ? `Valkey ${valkey}` : `Redis ${/redis_version:(\S+)/.exec(info)?.[1]}`;
}
