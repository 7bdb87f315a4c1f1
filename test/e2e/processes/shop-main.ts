import 'reflect-metadata';
import { type Lock, LockService } from 'nestjs-redis-cache';
import { createApp } from '../../../apps/sample/src/create-app.js';

/** The shop in a process of its own. It tells its parent where it listens, and ends with it. */
const app = await createApp();
if (process.env.SHOP_LOCKS === 'none') {
  // Without a lock there is no token either: everybody's is the same.
  app.get(LockService).using = async (_resource, work) => work({ fencingToken: 0 } as Lock);
}
await app.listen(0, '127.0.0.1');
process.once('disconnect', () => void app.close().finally(() => process.exit()));
process.send!(await app.getUrl());
