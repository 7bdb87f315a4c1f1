import type { Redis } from 'ioredis';

/** What a server has called itself since it was started: no two have the same. */
export async function runIdOf(client: Redis): Promise<string> {
  const information = await client.info('server');
  const runId = /^run_id:(\w+)/m.exec(information)?.[1];
  if (runId === undefined) throw new Error('The server does not tell its run id (INFO server).');
  return runId;
}
