import { CacheService } from 'nestjs-redis-cache';
import { freePort } from '../../../tools/redis/index.mjs';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

/** Of this process: nothing else than what a test opens may open sockets in this file. */
const socketsOpen = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource.includes('Socket')).length;

describeEachTopology('app.close()', ({ connection }) => {
  it('resolves when no socket is left', async () => {
    for (let round = 0; round < 3; round += 1) {
      const app = await startApp({ connection });
      await app.get(CacheService).set('a', 1);
      expect(socketsOpen()).toBeGreaterThan(1);
      await app.close();
      expect(socketsOpen()).toBe(0);
    }
  });
});

describe('app.close() while Redis is away', () => {
  it('resolves too, and leaves no socket', async () => {
    const app = await startApp({ connection: { host: '127.0.0.1', port: await freePort() } });
    await app.close();
    expect(socketsOpen()).toBe(0);
  });
});
