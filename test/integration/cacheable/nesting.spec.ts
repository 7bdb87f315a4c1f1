import { Injectable, type INestApplication } from '@nestjs/common';
import { Cacheable, CacheService } from 'nestjs-redis-cache';
import { start } from './start.js';

@Injectable()
class Base {
  loads: string[] = [];

  @Cacheable({ key: 'product:{0}' })
  async find(id: string): Promise<string> {
    this.loads.push(`base ${id}`);
    return `base ${id}`;
  }
}

/** Its method has the key of the one it calls: without more ado it would wait for itself. */
@Injectable()
class Overriding extends Base {
  @Cacheable({ key: 'product:{0}' })
  override async find(id: string): Promise<string> {
    this.loads.push(`overriding ${id}`);
    return `overriding ${await super.find(id)}`;
  }

  @Cacheable({ key: 'tree:{0}' })
  async tree(id: string): Promise<string> {
    this.loads.push(`tree ${id}`);
    return id === '' ? '' : `${id} ${await this.tree(id.slice(1))}`;
  }
}

describe('a load that asks the cache itself', () => {
  let app: INestApplication;
  beforeEach(async () => (app = await start({ providers: [Overriding] })));
  afterEach(() => app.close());

  it('does not wait for its own key', async () => {
    const finder = app.get(Overriding);
    expect(await finder.find('1')).toBe('overriding base 1');
    expect(await finder.find('1')).toBe('overriding base 1');
    expect(finder.loads).toEqual(['overriding 1', 'base 1']);
    expect(await app.get(CacheService).get('product:1')).toBe('overriding base 1');
  }, 5_000);

  it('gets other keys from the cache', async () => {
    const finder = app.get(Overriding);
    await finder.tree('ab');
    await finder.tree('cab');
    expect(finder.loads).toEqual(['tree ab', 'tree b', 'tree ', 'tree cab']);
  });
});
