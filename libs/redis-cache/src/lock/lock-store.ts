/** `write`: alone. `read`: together with other readers. `permit`: together with as many as there are permits. */
export type LockMode = 'write' | 'read' | 'permit';

/** What is to be held. Locks and semaphores of one name have nothing to do with each other. */
export interface Held {
  readonly kind: 'lock' | 'semaphore';
  readonly resource: string;
  /** Unique: what is sent twice under one attempt counts once. */
  readonly attempt: string;
}

/** What an attempt was granted. */
export interface Granted extends Held {
  readonly fencingToken: number;
}

export interface Claim extends Held {
  readonly mode: LockMode;
  /** How many there are of; 1 for a lock. */
  readonly permits: number;
  readonly ttlMs: number;
  /** For how long the caller stands in the queue; 0 = not at all. */
  readonly waitMs: number;
  readonly purpose: string;
}

export type ClaimReply =
  | { readonly outcome: 'granted'; readonly fencingToken: number; readonly remainingMs: number }
  | { readonly outcome: 'busy'; readonly remainingMs: number; readonly holder: LockOwner | undefined }
  /** Nobody is let in: the data of the locks were lost. */
  | { readonly outcome: 'closed'; readonly remainingMs: number }
  /** The attempt was given up, or what it was granted is over. */
  | { readonly outcome: 'void' };

/** Who holds a lock or waits for it. */
export interface LockOwner {
  readonly host: string;
  readonly pid: number;
  /** What for: the option `purpose`, or the decorated method. */
  readonly purpose: string;
}

export interface LockHolder extends LockOwner {
  readonly mode: LockMode;
  readonly since: Date;
  /** Until Redis lets others in, unless it is prolonged. */
  readonly remainingMs: number;
  readonly fencingToken: number;
}

export interface LockWaiter extends LockOwner {
  readonly mode: LockMode;
  readonly since: Date;
}

/** What is known of a resource at one moment. */
export interface LockState {
  readonly holders: readonly LockHolder[];
  /** In the order in which they will get it; at most 1,000. */
  readonly waiters: readonly LockWaiter[];
}

/** A wait that ends with a message or by the clock. */
export interface Listening {
  /** Resolves when it is the attempt's turn, or after `ms`. */
  wait(ms: number, signal: AbortSignal | undefined): Promise<void>;
  end(): void;
}

/** Where locks are kept: Redis, or the memory of a test. */
export interface LockStore {
  /**
   * Takes a lock that is free, when nothing else has to be known of it.
   * @returns its fencing token, granted for the whole ttl; `undefined` when it has to be claimed
   */
  take(claim: Claim, onCopy: () => void): Promise<number | undefined> | undefined;
  /** @param onCopy called when the claim has to be sent again: what was sent before may arrive after its answer */
  claim(claim: Claim, onCopy: () => void): Promise<ClaimReply>;
  /** @returns for how long it is held from now, or `undefined` when it is lost */
  extend(held: Held, ttlMs: number): Promise<number | undefined>;
  /** Gives back what was granted, when no claim for it can still arrive. */
  release(granted: Granted): Promise<'released' | 'lost'>;
  /** Gives back what may be held, ends its wait, and keeps it from being granted when a claim arrives late. */
  cancel(held: Held): Promise<'released' | 'lost'>;
  inspect(kind: Held['kind'], resource: string): Promise<LockState>;
  /** Begins to listen for an attempt, before it is claimed. */
  listen(attempt: string): Listening | Promise<Listening>;
}
