import { Test } from '@nestjs/testing';
import { CacheService, getCacheToken, RedisCacheModule } from 'nestjs-redis-cache';
import { freePort } from '../../../tools/redis/index.mjs';
import { SILENT, startApp, uniquePrefix } from '../../support/test-app.js';
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

describe('app.close() with a connection that forRootAsync was not told of', () => {
  it('closes that one too', async () => {
    const before = socketsOpen();
    const url = process.env.REDIS_URL!;
    const moduleRef = await Test.createTestingModule({
      imports: [
        RedisCacheModule.forRootAsync({
          useFactory: () => ({ connections: { default: { url }, durable: { url, db: 1 } }, keyPrefix: uniquePrefix() }),
        }),
        RedisCacheModule.forFeature([{ namespace: 'carts', connection: 'durable' }]),
      ],
    })
      .setLogger(SILENT)
      .compile();
    await moduleRef.init();
    await moduleRef.get<CacheService>(getCacheToken('carts'), { strict: false }).set('a', 1);
    await moduleRef.close();
    expect(socketsOpen()).toBeLessThanOrEqual(before);
  });
});
