import { setTimeout as pause } from 'node:timers/promises';
import { isRedisCacheError, type Lock, type LockService } from 'nestjs-redis-cache';
import type { StockRepository } from '../../../apps/sample/src/checkout/stock.repository.js';
import { SharedStock } from './shared-stock.js';

export interface BuyersTask {
  readonly databaseUrl: string;
  readonly table: string;
  readonly productIds: readonly number[];
  readonly buyers: number;
  /** Whether the sample's checkout is given locks, or runs what it would run under one at once. */
  readonly protection: 'lock' | 'none';
}

/** So long a buyer looks for another way when too many want to buy. */
const MOST_MS = 60_000;

/** Every buyer goes through the sample's checkout. @returns how many of each product were sold here */
export async function buyAll(locks: LockService, task: BuyersTask): Promise<Record<number, number>> {
  const { CheckoutService } = await import('../../../apps/sample/src/checkout/checkout.service.js');
  const stock = new SharedStock(task.databaseUrl, task.table);
  const checkout = new CheckoutService(
    task.protection === 'lock' ? locks : NO_LOCKS,
    stock as Pick<StockRepository, 'read' | 'set'> as StockRepository,
  );
  const sold: Record<number, number> = Object.fromEntries(task.productIds.map((id) => [id, 0]));
  const endsAt = performance.now() + MOST_MS;
  const buy = async (productId: number): Promise<void> => {
    for (;;) {
      const status = await checkout.buy(productId, 1).then(() => 201, statusOf);
      if (status === 201) sold[productId]! += 1;
      if (status !== 503 || performance.now() > endsAt) return;
      await pause(10);
    }
  };
  await Promise.all(Array.from({ length: task.buyers }, (_, at) => buy(task.productIds[at % task.productIds.length]!)));
  stock.close();
  return sold;
}

/** Without a lock there is no token either: everybody's is the same. */
const NO_LOCKS = {
  using: (_resource: string, work: (lock: Lock) => unknown) => work({ fencingToken: 0 } as Lock),
} as LockService;

/** Of an answer that the checkout gives on purpose; a Redis that is too slow for so many is told like too many. */
function statusOf(error: unknown): number {
  if (isRedisCacheError(error, 'LOCK_UNAVAILABLE')) return 503;
  const { getStatus } = error as { getStatus?: () => number };
  if (getStatus === undefined) throw error;
  return getStatus.call(error);
}
