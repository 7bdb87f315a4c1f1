import { once } from 'node:events';
import type { RedisClient } from './connection.options.js';

/** Connects a client, or waits for it when somebody else has begun to. Rejects when the attempt fails. */
export async function connectClient(client: RedisClient): Promise<void> {
  if (client.status === 'ready') return;
  if (client.status === 'wait') return client.connect();
  await once(client, 'ready');
}

/** Ends a client, with a farewell where the server can hear one. Resolves when its sockets are closed. */
export async function closeClient(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  if (client.status !== 'ready') return disconnectClient(client);
  const ended = endOf(client);
  await client.quit().catch(() => client.disconnect());
  await ended;
}

/** Ends a client without a farewell. Never waits for a server that is away. */
export async function disconnectClient(client: RedisClient): Promise<void> {
  if (client.status === 'end') return;
  const hasSocket = client.status !== 'reconnecting' && client.status !== 'close';
  const ended = endOf(client);
  client.disconnect();
  // Between two attempts to connect there is nothing whose end could be awaited: ioredis then tells no 'end'.
  if (hasSocket) await ended;
}

function endOf(client: RedisClient): Promise<void> {
  return new Promise<void>((resolve) => void client.once('end', resolve));
}
