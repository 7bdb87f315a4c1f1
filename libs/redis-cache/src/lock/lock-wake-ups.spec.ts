import { AsyncLocalStorage } from 'node:async_hooks';
import type { RedisConnection } from '../core/connection/index.js';
import { KeySpace } from '../core/keys/index.js';
import { LockWakeUps } from './lock-wake-ups.js';

describe('what calls waiters up', () => {
  it('keeps nothing of the request that was the first to wait', async () => {
    const request = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const look = async (): Promise<void> => void seen.push(request.getStore());
    const signals = { isCoherent: true, onLost: () => undefined, subscribe: look };
    const connection = { open: look, signals } as unknown as RedisConnection;
    const wakeUps = new LockWakeUps(connection, new KeySpace({ keyPrefix: 'app', layout: 'plain' }));
    await request.run('the first', async () => wakeUps.listen('attempt'));
    expect(seen).toEqual([undefined, undefined]);
  });
});
