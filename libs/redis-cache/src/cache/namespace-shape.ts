import type { RedisConnection } from '../core/connection/index.js';
import { isRedisCacheError } from '../core/common/index.js';
import { NamespaceShapeError } from './cache.errors.js';
import type { NamespaceKeys } from './namespace-keys.js';

/** Changes when keys, entries or index come to lie elsewhere than before. */
const LAYOUT_VERSION = 1;

/** Prolonged at each boot. */
const RECORD_MS = 90 * 24 * 3_600_000;

/**
 * What all processes that share a namespace must agree on: of two shapes, neither would find what the other has stored,
 * and so could not evict it.
 */
export class NamespaceShape {
  private readonly shape: string;

  constructor(
    private readonly connection: RedisConnection,
    private readonly keys: NamespaceKeys,
    { hasIndex }: { readonly hasIndex: boolean },
  ) {
    this.shape = `layout ${LAYOUT_VERSION}, buckets ${keys.buckets.length}, index ${hasIndex}`;
  }

  /** Records the shape, or compares it with the one on record. @throws NamespaceShapeError */
  async claim(): Promise<void> {
    const recorded = await this.record().catch((error: unknown) => {
      if (!isRedisCacheError(error)) throw error;
      return this.shape; // Redis is away, and the application starts all the same
    });
    if (recorded === null || recorded === this.shape) return;
    throw new NamespaceShapeError({ namespace: this.keys.namespace, ours: this.shape, recorded, key: this.keys.shape });
  }

  private async record(): Promise<string | null> {
    const { shape: key } = this.keys;
    const recorded = await this.connection.send((client) => client.set(key, this.shape, 'PX', RECORD_MS, 'NX', 'GET'), {
      resend: 'safe',
    });
    if (recorded === this.shape)
      await this.connection.send((client) => client.pexpire(key, RECORD_MS), { resend: 'safe' });
    return recorded;
  }
}
