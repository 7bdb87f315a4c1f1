import { randomUUID } from 'node:crypto';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { createApp } from '../../apps/sample/src/create-app.js';

export interface Shop {
  readonly app: NestExpressApplication;
  readonly http: ReturnType<typeof request>;
  /** What all keys of this shop begin with. */
  readonly keyPrefix: string;
}

/** The sample application with keys of its own in the shared Redis; close `app` in `afterAll`. */
export async function openShop(environment: NodeJS.ProcessEnv = {}): Promise<Shop> {
  const before = { ...process.env };
  const keyPrefix = `e2e-${randomUUID()}`;
  Object.assign(process.env, { REDIS_KEY_PREFIX: keyPrefix, REDIS_COMMAND_TIMEOUT: '10s' }, environment);
  try {
    const app = await createApp();
    // Really listening: requests in parallel would otherwise each try to open the port.
    await app.listen(0, '127.0.0.1');
    return { app, http: request(await app.getUrl()), keyPrefix };
  } finally {
    for (const name of Object.keys(environment)) restore(name, before[name]);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
