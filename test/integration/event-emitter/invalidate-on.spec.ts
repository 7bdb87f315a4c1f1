import { Injectable, type INestApplicationContext } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import { CacheService, RedisCacheEvents, RedisCacheModule } from 'nestjs-redis-cache';
import { InvalidateOn } from 'nestjs-redis-cache/event-emitter';
import { launchServer } from '../../../tools/redis/index.mjs';
import { startApp } from '../../support/test-app.js';
import { describeEachTopology } from '../../support/topologies.js';

interface ProductUpdated {
  readonly id: string;
}

@InvalidateOn('product.updated', ({ id }: ProductUpdated) => [
  { namespace: 'products', keys: [id], tags: [`product:${id}`] },
  { namespace: 'reviews', patterns: [`product:${id}:*`] },
])
@InvalidateOn('shop.closed', () => ({ namespace: 'products', all: true }))
@InvalidateOn('shop.closed', () => ({ namespace: 'reviews', all: true }))
@Injectable()
class ShopEvents {}

@InvalidateOn('shop.moved', () => ({ namespace: 'products', keys: ['1'] }))
class Above {}

@InvalidateOn('shop.moved', () => ({ namespace: 'products', keys: ['2'] }))
@Injectable()
class Below extends Above {}

const imports = [
  EventEmitterModule.forRoot(),
  RedisCacheModule.forFeature([{ namespace: 'products' }, { namespace: 'reviews' }]),
];

describeEachTopology('@InvalidateOn', ({ connection }) => {
  let app: INestApplicationContext;
  let emitter: EventEmitter2;
  let products: CacheService;
  let reviews: CacheService;

  beforeAll(async () => {
    app = await startApp({ connection, imports, providers: [ShopEvents, Below] });
    emitter = app.get(EventEmitter2);
    products = app.get(CacheService).namespace('products');
    reviews = app.get(CacheService).namespace('reviews');
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    await products.set('1', 'old');
    await products.set('front', 'old', { tags: ['product:1'] });
    await products.set('2', 'kept');
    await reviews.set('product:1:first', 'old');
  });

  it('evicts what the event says, by the time that emitAsync has resolved', async () => {
    await emitter.emitAsync('product.updated', { id: '1' });
    expect(await products.getMany(['1', 'front', '2'])).toEqual(new Map([['2', 'kept']]));
    expect(await reviews.has('product:1:first')).toBe(false);
  });

  it('may stand several times on one class, also for the same event', async () => {
    await emitter.emitAsync('shop.closed');
    expect(await products.getMany(['1', 'front', '2'])).toEqual(new Map());
    expect(await reviews.has('product:1:first')).toBe(false);
  });

  it('is inherited', async () => {
    await emitter.emitAsync('shop.moved');
    expect(await products.getMany(['1', '2'])).toEqual(new Map());
  });

  it('waits, in a unit of work, until it settles', async () => {
    await products.unitOfWork(async () => {
      await emitter.emitAsync('product.updated', { id: '1' });
      expect(await products.get('1')).toBeUndefined();
      expect(await products.get('2')).toBe('kept');
    });
    expect(await products.has('1')).toBe(false);
  });
});

describe('@InvalidateOn while Redis is away', () => {
  it('tells it in an event, and harms nobody who emits', async () => {
    const server = await launchServer({ quiet: true });
    const app = await startApp({ connection: { url: server.url }, imports, providers: [ShopEvents] });
    const told: unknown[] = [];
    app.get(RedisCacheEvents).on('cache:eviction-failed', ({ namespace }) => told.push(namespace));
    await server.stop();
    await app.get(EventEmitter2).emitAsync('product.updated', { id: '1' });
    expect(told).toEqual(['products', 'reviews']);
    await app.close();
  });
});
