import { crc32 } from 'node:zlib';

/** How many buckets a namespace has on a cluster. An invalidation is that many small scripts, spread over the primaries. */
export const CLUSTER_BUCKETS = 64;

/**
 * The bucket of a key, as the two hexadecimal digits that stand in braces. On a cluster everything that belongs to one
 * key (entry, fill lease, index, tag log) carries the same bucket and therefore lies in the same hash slot.
 */
export function bucketOf(key: string): string {
  return nameOfBucket(crc32(key) % CLUSTER_BUCKETS);
}

export function nameOfBucket(bucket: number): string {
  return bucket.toString(16).padStart(2, '0');
}
