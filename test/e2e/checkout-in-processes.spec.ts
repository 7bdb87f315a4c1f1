import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { type CompiledWorker, compileWorker } from '../history/workers/compile-worker.mjs';
import { type ShopProcesses, startShops } from './processes/start-shops.js';

const PROCESSES = 3;
const BUYERS = 200;
const IN_STOCK = 60;
const MOST_MS = 60_000;

// sql.js lives in one process. With a database in Redis, test/history/checkout.spec.ts asks the same everywhere.
const onPostgres = process.env.DATABASE_URL ? describe : describe.skip;

onPostgres(`${BUYERS} buyers of one product in ${PROCESSES} processes of the shop`, () => {
  let compiled: CompiledWorker;
  let database: DataSource;

  beforeAll(async () => {
    compiled = await compileWorker('test/e2e/processes');
    database = await new DataSource({ type: 'postgres', url: process.env.DATABASE_URL! }).initialize();
  }, MOST_MS);
  afterAll(async () => {
    await database.destroy();
    await compiled.remove();
  });

  /** Too many at the same time, or a Redis that is too slow for them, is no answer to somebody who wants to buy. */
  async function buy(shop: string, id: number): Promise<number> {
    const endsAt = performance.now() + MOST_MS;
    for (;;) {
      const body = JSON.stringify({ count: 1 });
      const headers = { 'content-type': 'application/json' };
      const { status } = await fetch(`${shop}/products/${id}/orders`, { method: 'POST', headers, body });
      if (status < 500 || performance.now() > endsAt) return status;
      await pause(20);
    }
  }

  async function sell(id: number, environment: NodeJS.ProcessEnv) {
    const keys = { REDIS_KEY_PREFIX: `e2e-${randomUUID()}` };
    const shops: ShopProcesses = await startShops(
      compiled.file.replace('history/workers/worker', 'e2e/processes/shop-main'),
      PROCESSES,
      { ...keys, ...environment },
    );
    try {
      await database.query('UPDATE products SET stock = $1, fence = 0 WHERE id = $2', [IN_STOCK, id]);
      const answers = await Promise.all(
        Array.from({ length: BUYERS }, (_, at) => buy(shops.urls[at % PROCESSES]!, id)),
      );
      const page = await fetch(`${shops.urls[0]}/products/${id}`);
      const { stock } = (await page.json()) as { stock: number };
      const countOf = (status: number) => answers.filter((each) => each === status).length;
      const outcome = { sold: countOf(201), refused: countOf(409), left: stock };
      console.info(JSON.stringify({ ...environment, inStock: IN_STOCK, ...outcome }));
      return outcome;
    } finally {
      await shops.stop();
    }
  }

  it(
    'never buy more than there is',
    async () => {
      expect(await sell(1_077, {})).toEqual({ sold: IN_STOCK, refused: BUYERS - IN_STOCK, left: 0 });
    },
    2 * MOST_MS,
  );

  it(
    'buy more than there is without the locks: this test can fail',
    async () => {
      const { sold } = await sell(1_078, { SHOP_LOCKS: 'none' });
      expect(sold).toBeGreaterThan(IN_STOCK);
    },
    2 * MOST_MS,
  );
});
