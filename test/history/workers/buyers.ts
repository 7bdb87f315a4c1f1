import { setTimeout as pause } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { LockService } from 'nestjs-redis-cache';

/** Buyers of products whose stock is read, and then written: what goes wrong when two do it at once. */
export interface BuyersTask {
  readonly databaseUrl: string;
  readonly table: string;
  readonly products: readonly string[];
  readonly buyers: number;
  readonly protection: 'lock' | 'none';
}

/** @returns how many of each product were sold here */
export async function buyAll(locks: LockService, task: BuyersTask): Promise<Record<string, number>> {
  const database = new Redis(task.databaseUrl);
  const sold: Record<string, number> = Object.fromEntries(task.products.map((product) => [product, 0]));
  const buy = async (product: string): Promise<void> => {
    const left = Number(await database.hget(task.table, product));
    if (left === 0) return;
    await pause(1);
    await database.hset(task.table, product, left - 1);
    sold[product]! += 1;
  };
  const buyers = Array.from({ length: task.buyers }, (_, at) => task.products[at % task.products.length]!);
  await Promise.all(
    buyers.map((product) =>
      task.protection === 'none'
        ? buy(product)
        : locks.using(`checkout:${product}`, () => buy(product), { wait: '30s' }),
    ),
  );
  database.disconnect();
  return sold;
}
