import { sum } from '../core/common/index.js';
import type { GuardedConnection } from '../core/connection/index.js';
import { evictOne, settleKeys } from './cache.scripts.js';
import { joinKeys } from './key-list.js';
import type { Bucket } from './namespace-keys.js';

/**
 * Removes entries and leases whose slot is being moved. What names one key is always sent to where that key lies; what names
 * several is refused as long as one of them is missing. In the index they stay, until they are met and found dead.
 * @returns how many entries there were
 */
export async function evictOneByOne(
  connection: Pick<GuardedConnection, 'run'>,
  { log, entryHead, leaseHead }: Bucket,
  { keys, settleMs, epoch }: { keys: readonly (string | Buffer)[]; settleMs: number; epoch: number },
): Promise<number> {
  if (settleMs > 0) await connection.run(settleKeys, { log }, { epoch, keys: joinKeys(keys), settleMs });
  // The lease first: what is stored under it afterwards would have been loaded before.
  const removed = keys.map(async (key) => {
    await evictEverywhere(connection, nameOf(leaseHead, key), 'lease');
    return evictEverywhere(connection, nameOf(entryHead, key), 'entry');
  });
  return sum(await Promise.all(removed));
}

/** A MIGRATE that ran out of time may leave a key in both places: what was found is looked for again. */
async function evictEverywhere(
  connection: Pick<GuardedConnection, 'run'>,
  name: string | Buffer,
  kind: string,
): Promise<number> {
  const found = await connection.run(evictOne, { name }, { kind });
  if (found > 0) await connection.run(evictOne, { name }, { kind });
  return found;
}

/** A scan meets keys that are no text; they are named by their bytes. */
function nameOf(head: string, key: string | Buffer): string | Buffer {
  return typeof key === 'string' ? head + key : Buffer.concat([Buffer.from(head, 'utf8'), key]);
}
