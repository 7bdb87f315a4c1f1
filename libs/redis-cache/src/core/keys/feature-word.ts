/**
 * The second part of every key: who owns it. Leases, indexes, logs and channels of the cache have words of their own, so
 * that whoever watches the prefix of the entries is not told of them.
 */
export const FEATURE_WORDS = [
  'cache',
  'cache-lease',
  'cache-index',
  'cache-log',
  'cache-wake',
  'session',
  'lock',
  'lock-queue',
  'lock-waiters',
  'lock-epoch',
  'lock-latch',
  'lock-wake',
  'rate-limit',
  'rate-limit-notes',
] as const;

export type FeatureWord = (typeof FEATURE_WORDS)[number];
