import { once } from 'node:events';
import type { RedisClient } from './connection.options.js';

/** Connects a client, or waits for it when somebody else has begun to. Rejects when the attempt fails. */
export async function connectClient(client: RedisClient): Promise<void> {
  if (client.status === 'ready') return;
  if (client.status === 'wait') return client.connect();
  await once(client, 'ready');
}

/** Ends a client, with a farewell where the server can hear one. Never waits for a server that is away. */
export async function closeClient(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  if (client.status !== 'ready') return disconnect(client);
  await client.quit().catch(() => disconnect(client));
}

async function disconnect(client: RedisClient): Promise<void> {
  const hasSocket = client.status !== 'reconnecting' && client.status !== 'close';
  const ended = new Promise<void>((resolve) => void client.once('end', resolve));
  client.disconnect();
  // Between two attempts to connect there is nothing whose end could be awaited: ioredis then tells no 'end'.
  if (hasSocket) await ended;
}
