import { AsyncLocalStorage } from 'node:async_hooks';
import { BypassedSpace } from './bypassed-space.js';
import type { CacheNamespace } from './cache-namespace.js';
import type { CacheScope, CacheSpace } from './cache-space.js';
import { keepingOutcome } from './keeping-outcome.js';
import { UnitOfWork } from './unit-of-work.js';

/** What is under way around a call, in one application. */
export class CacheScopes {
  private readonly storage = new AsyncLocalStorage<CacheScope>();

  /** The namespace as the caller is to see it. */
  viewOf(namespace: CacheNamespace): CacheSpace {
    return this.storage.getStore()?.viewOf(namespace) ?? namespace;
  }

  /** Every store that is in use costs each promise of the process a little, also after its application has ended. */
  close(): void {
    this.storage.disable();
  }

  /** Runs `work` with a cache in which nothing is found and no load is stored. Changes are carried out. */
  bypass<T>(work: () => T): T {
    const outer = this.storage.getStore();
    const viewOf = (namespace: CacheNamespace): CacheSpace =>
      new BypassedSpace(namespace, outer?.viewOf(namespace) ?? namespace);
    return this.storage.run({ viewOf, unit: outer?.unit }, work);
  }

  /** Runs `work` and carries out its evictions when it settles, either way: what it throws may hide a commit. */
  async unitOfWork<T>(work: () => Promise<T> | T): Promise<T> {
    const unit = new UnitOfWork(this.storage.getStore());
    const settle = (): Promise<void> => unit.settle();
    return keepingOutcome(() => this.storage.run(unit, async () => work()), { succeeded: settle, failed: settle });
  }
}
