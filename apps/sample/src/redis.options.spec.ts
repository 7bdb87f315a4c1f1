import { readEnvironment } from './environment.js';
import { redisOptions } from './redis.options.js';

describe('redisOptions', () => {
  const connection = { url: 'redis://localhost:6379' };
  const lock = { connection: 'default', ttl: '5s', afterDataLoss: 'wait' };
  const rateLimit = { connection: 'default' };
  const session = { connection: 'default', cookie: { secure: 'auto' } };
  const inMemory = readEnvironment({});
  const inPostgres = readEnvironment({ DATABASE_URL: 'postgres://localhost/shop' });

  it('shares the keys between processes that share a database', () => {
    expect(redisOptions({ connection }, inPostgres)).toEqual({
      connection,
      keyPrefix: 'shop',
      lock,
      rateLimit,
      session,
    });
    expect(redisOptions({ connection, keyPrefix: 'mine' }, inPostgres)).toEqual({
      connection,
      keyPrefix: 'mine',
      lock,
      rateLimit,
      session,
    });
  });

  it('gives each process with a database in memory keys of its own', () => {
    const [one, other] = [redisOptions({ connection }, inMemory), redisOptions({ connection }, inMemory)];
    expect(one).toEqual({
      connection,
      keyPrefix: expect.stringMatching(/^shop:.{36}$/),
      lock: { ...lock, afterDataLoss: 'grant' },
      rateLimit,
      session,
    });
    expect(one.keyPrefix).not.toBe(other.keyPrefix);
  });

  it('keeps locks, rate limits and sessions where nothing is evicted, when there is such a Redis', () => {
    const connections = { default: connection, durable: { url: 'redis://localhost:6380' } };
    const options = redisOptions({ connections }, inPostgres);
    expect(options.lock).toMatchObject({ connection: 'durable' });
    expect(options.rateLimit).toEqual({ connection: 'durable' });
    expect(options.session).toMatchObject({ connection: 'durable' });
  });
});
