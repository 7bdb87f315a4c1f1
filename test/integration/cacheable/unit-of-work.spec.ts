import { Injectable, type INestApplication, NotFoundException } from '@nestjs/common';
import {
  Cacheable,
  CacheConfig,
  CacheEvict,
  CachePut,
  CacheService,
  RedisCacheModule,
  UnitOfWork,
} from 'nestjs-redis-cache';
import { describeEachTopology } from '../../support/topologies.js';
import { start } from './start.js';

@CacheConfig({ namespace: 'products' })
@Injectable()
class Products {
  readonly rows = new Map([['1', 'old']]);
  runs = 0;

  @Cacheable({ key: '{0}', cacheErrors: [NotFoundException], errorTtl: '1m' })
  async find(id: string): Promise<string> {
    this.runs += 1;
    const row = this.rows.get(id);
    if (row === undefined) throw new NotFoundException(`no product ${id}`);
    return row;
  }

  @CacheEvict({ key: '{0}' })
  async update(id: string, row: string): Promise<void> {
    this.rows.set(id, row);
  }

  @CachePut({ key: '{0}' })
  async save(id: string, row: string): Promise<string> {
    this.rows.set(id, row);
    return row;
  }

  @CacheEvict({ key: '{0}', settle: '1m' })
  async updateBehindReplica(id: string, row: string): Promise<void> {
    this.rows.set(id, row);
  }
}

@Injectable()
class Orders {
  during: () => Promise<unknown> = () => Promise.resolve();

  constructor(private readonly products: Products) {}

  @UnitOfWork()
  async place(id: string, outcome: 'commits' | 'rolls back'): Promise<string> {
    const before = this.products.rows.get(id)!;
    await this.products.update(id, 'uncommitted');
    await this.products.save('saved', 'uncommitted');
    const inside = await this.products.find(id);
    await this.during();
    if (outcome === 'commits') return inside;
    this.products.rows.set(id, before);
    this.products.rows.delete('saved');
    throw new Error(outcome);
  }
}

describeEachTopology('decorated methods', ({ connection }) => {
  let app: INestApplication;
  let cache: CacheService;
  let products: Products;
  let orders: Orders;

  beforeEach(async () => {
    const imports = [RedisCacheModule.forFeature([{ namespace: 'products' }])];
    app = await start({ connection, imports, providers: [Products, Orders] });
    cache = app.get(CacheService).namespace('products');
    products = app.get(Products);
    orders = app.get(Orders);
  });
  afterEach(() => app.close());

  it('inside @UnitOfWork evict when it settles, and what they load there is theirs', async () => {
    expect(await products.find('1')).toBe('old');
    const seen: unknown[] = [];
    orders.during = async () => seen.push(await cache.bypass(() => cache.get('1')), await cache.get('1'));
    expect(await orders.place('1', 'commits')).toBe('uncommitted');
    expect(seen).toEqual([undefined, undefined]);
    expect(await cache.getMany(['1', 'saved'])).toEqual(new Map());
    products.rows.set('1', 'new');
    expect(await products.find('1')).toBe('new');
  });

  it('inside @UnitOfWork leave nothing behind when it throws', async () => {
    await products.find('1');
    await expect(orders.place('1', 'rolls back')).rejects.toThrow('rolls back');
    expect(await cache.getMany(['1', 'saved'])).toEqual(new Map());
    expect(await products.find('1')).toBe('old');
  });

  it('remember errors that they name', async () => {
    await expect(products.find('none')).rejects.toThrow(new NotFoundException('no product none'));
    const again = await products.find('none').catch((error: unknown) => error);
    expect(again).toBeInstanceOf(NotFoundException);
    expect(products.runs).toBe(1);
    await products.update('none', 'some');
    expect(await products.find('none')).toBe('some');
  });

  it('evict so that what lags behind is not stored', async () => {
    await products.find('1');
    await products.updateBehindReplica('1', 'new');
    products.rows.set('1', 'old'); // as the replica still has it
    expect(await products.find('1')).toBe('old');
    expect(await cache.has('1')).toBe(false);
  });
});
