import { CacheService } from 'nestjs-redis-cache';
import { freePort } from '../../../tools/redis/index.mjs';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

/** Of this process, in which earlier files may have left some that are about to end. */
const socketsOpen = (): number =>
  process.getActiveResourcesInfo().filter((resource) => resource.includes('Socket')).length;

describeEachTopology('app.close()', ({ connection }) => {
  it('resolves when no socket is left', async () => {
    for (let round = 0; round < 3; round += 1) {
      const before = socketsOpen();
      const app = await startApp({ connection });
      await app.get(CacheService).set('a', 1);
      expect(socketsOpen()).toBeGreaterThan(before + 1);
      await app.close();
      expect(socketsOpen()).toBeLessThanOrEqual(before);
    }
  });
});

describe('app.close() while Redis is away', () => {
  it('resolves too, and leaves no socket', async () => {
    const port = await freePort();
    const before = socketsOpen();
    const app = await startApp({ connection: { host: '127.0.0.1', port } });
    await app.close();
    expect(socketsOpen()).toBeLessThanOrEqual(before);
  });
});
