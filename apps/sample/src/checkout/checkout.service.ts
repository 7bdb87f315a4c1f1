import { ConflictException, Injectable, NotFoundException, ServiceUnavailableException } from '@nestjs/common';
import { isRedisCacheError, type Lock, LockService } from 'nestjs-redis-cache';
import { StockRepository } from './stock.repository.js';

/** Sells what is in stock, and never more: one buyer of a product at a time, in all processes. */
@Injectable()
export class CheckoutService {
  constructor(
    private readonly locks: LockService,
    private readonly stock: StockRepository,
  ) {}

  /** @returns how many are left */
  async buy(productId: number, count: number): Promise<number> {
    try {
      return await this.locks.using(`checkout:${productId}`, (lock) => this.take(productId, count, lock));
    } catch (error) {
      if (!isRedisCacheError(error, 'LOCK_TIMEOUT')) throw error;
      throw new ServiceUnavailableException('Too many want to buy this product. Try again.', { cause: error });
    }
  }

  private async take(productId: number, count: number, lock: Lock): Promise<number> {
    const inStock = await this.stock.read(productId, lock.fencingToken);
    if (inStock === null) throw new NotFoundException(`There is no product ${productId}.`);
    if (inStock < count) throw new ConflictException(`Only ${inStock} of product ${productId} are left.`);
    const left = inStock - count;
    // Who has lost the lock meanwhile, and was stopped before he noticed, has a token that is too old.
    const isWritten = await this.stock.set(productId, left, lock.fencingToken);
    if (!isWritten) throw new ConflictException(`Somebody else has just bought product ${productId}.`);
    return left;
  }
}
