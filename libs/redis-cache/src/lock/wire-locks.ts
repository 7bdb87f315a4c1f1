import { Inject } from '@nestjs/common';
import type { LockService } from './lock.service.js';

/**
 * The token of the locks behind `@WithLock`, and the property of decorated instances that holds them. Nest quotes it when
 * nobody provides it: hence the sentence.
 */
export const LOCK_ACCESS = Symbol.for(
  'the locks behind @WithLock: import RedisCacheModule.forRoot({ … }) in the root module, ' +
    'or put ...provideFakeRedisCache() among the providers of a test',
);

/** Metadata of a prototype: what its decorated methods ask of the locks they are given. */
const REQUIREMENTS = Symbol.for('nestjs-redis-cache:lock-requirements');

/** @throws InvalidOptionError when the method cannot work with these locks */
export type LockRequirement = (locks: LockService) => void;

/**
 * Gives its locks to an instance that Nest has not made itself. Methods with `@WithLock` refuse to run otherwise.
 *
 * @returns the instance
 * @example { provide: Reports, inject: [LockService], useFactory: (locks: LockService) => wireLocks(new Reports(), locks) }
 */
export function wireLocks<T extends object>(instance: T, locks: LockService): T {
  return Object.assign(instance, { [LOCK_ACCESS]: locks });
}

/** Has Nest inject the locks into instances of the class. What does not fit stops it there: at boot, for most classes. */
export function injectLocks(owner: object, requirement: LockRequirement): void {
  Reflect.defineMetadata(REQUIREMENTS, [...ownRequirements(owner), requirement], owner);
  if (LOCK_ACCESS in owner) return; // of the class above
  Inject(LOCK_ACCESS)(owner, LOCK_ACCESS);
  Object.defineProperty(owner, LOCK_ACCESS, {
    get: () => undefined,
    set(this: object, locks: LockService) {
      for (const require of requirementsOf(this)) require(locks);
      // Not enumerable: whoever prints, compares or spreads the instance has nothing to do with it.
      Object.defineProperty(this, LOCK_ACCESS, { value: locks, configurable: true, writable: true });
    },
    configurable: true,
  });
}

export function locksOf(instance: unknown): LockService | undefined {
  if (typeof instance !== 'object' || instance === null) return undefined;
  return (instance as { [LOCK_ACCESS]?: LockService })[LOCK_ACCESS];
}

function requirementsOf(instance: object): readonly LockRequirement[] {
  const found: LockRequirement[] = [];
  for (let at: object | null = instance; at !== null; at = Object.getPrototypeOf(at) as object | null)
    found.push(...ownRequirements(at));
  return found;
}

function ownRequirements(owner: object): readonly LockRequirement[] {
  return (Reflect.getOwnMetadata(REQUIREMENTS, owner) ?? []) as readonly LockRequirement[];
}
