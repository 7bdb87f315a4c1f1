import type { Process } from '../world.js';

/** In which order a scan meets keys is the server's business; this order is one of them. */
export function scanEntriesFirst({ namespace }: Process): void {
  const { scan } = namespace['deliveries']['parts'].invalidation['parts'];
  scan['scan'] = async function* (owner, buckets) {
    const heads = buckets.flatMap((bucket) => [bucket.entryHead, bucket.leaseHead].map((head) => ({ bucket, head })));
    for (const { bucket, head } of heads) {
      const [, found] = await owner.scanBuffer('0', 'MATCH', `${head}*`, 'COUNT', 100);
      yield { bucket, keys: found.map((whole) => whole.subarray(head.length)) };
    }
  };
}
