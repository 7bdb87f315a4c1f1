import type { RedisConnection } from '../core/connection/index.js';
import { KeySpace } from '../core/keys/index.js';
import { OutageTellingStore } from './outage-telling-store.js';
import { RedisSessionStore } from './redis-session-store.js';
import type { ResolvedSessionOptions } from './session.options.js';
import type { SessionIds } from './session-id.js';
import { SessionKeys } from './session-keys.js';
import type { SessionStore } from './session-store.js';

/** Sessions lie in the same keys on a server and on a cluster: their bucket is part of their token. */
export function openSessionStore(
  connection: RedisConnection,
  { keyPrefix, ids, options }: { keyPrefix: string; ids: SessionIds; options: ResolvedSessionOptions },
): SessionStore {
  const keys = new SessionKeys(new KeySpace({ keyPrefix, layout: 'plain' }));
  return new OutageTellingStore(new RedisSessionStore(connection, keys, ids, options));
}
