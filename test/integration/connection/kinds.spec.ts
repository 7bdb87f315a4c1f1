import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CacheService, type ConnectionOptions, InjectRedis, RedisConnection } from 'nestjs-redis-cache';
import { redisOptionsFromEnv } from 'nestjs-redis-cache/config';
import { Redis } from 'ioredis';
import { freePort, launchServer } from '../../../tools/redis/index.mjs';
import { startApp, uniquePrefix } from '../../support/test-app.js';

const certificates = join(import.meta.dirname, '../../support/tls');
const cert = join(certificates, 'test-only.crt');
const key = join(certificates, 'test-only.key');

async function expectToCache(connection: ConnectionOptions): Promise<void> {
  const app = await startApp({ connection: { ...connection, onBoot: 'fail' } });
  await app.get(CacheService).set('a', new Date(1));
  expect(await app.get(CacheService).get('a')).toEqual(new Date(1));
  await app.close();
}

describe('a connection', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let tlsPort: number;
  let folder: string;
  let socket: string;

  beforeAll(async () => {
    tlsPort = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'redis-cache-'));
    socket = join(folder, 'redis.sock');
    server = await launchServer({
      quiet: true,
      args: [
        ...['--unixsocket', socket, '--tls-port', String(tlsPort), '--tls-auth-clients', 'no'],
        ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', cert],
        ...['--user', 'ann', 'on', '>pässword:', '~*', '&*', '+@all'],
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  });

  it('by url, with a user and a database', () =>
    expectToCache({ url: `redis://ann:${encodeURIComponent('pässword:')}@127.0.0.1:${server.port}/3` }));

  it('by host and port', () =>
    expectToCache({ host: '127.0.0.1', port: server.port, username: 'ann', password: 'pässword:', db: 2 }));

  it('by the path of a unix socket', () => expectToCache({ path: socket }));

  it('over TLS, with the certificate checked', async () => {
    const ca = readFileSync(cert, 'utf8');
    await expectToCache({ url: `rediss://127.0.0.1:${tlsPort}`, tls: { ca } });
    await expect(expectToCache({ host: '127.0.0.1', port: tlsPort, tls: true })).rejects.toMatchObject({
      code: 'REDIS_UNAVAILABLE',
      cause: expect.objectContaining({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }),
    });
    await expectToCache({ host: '127.0.0.1', port: tlsPort, tls: { rejectUnauthorized: false } });
  });

  it('over TLS, from the environment', async () => {
    const options = redisOptionsFromEnv({ REDIS_HOST: 'localhost', REDIS_PORT: String(tlsPort), REDIS_TLS_CA: cert });
    await expectToCache(options.connection!);
  });

  it('with a client of your own', async () => {
    const client = new Redis(server.port, { lazyConnect: true });
    await expectToCache({ client });
    await client.quit();
  });

  it('gives its client, pipelines and a ping', async () => {
    class Greeter {
      constructor(@InjectRedis() readonly redis: Redis) {}
    }
    const app = await startApp({ connection: { host: '127.0.0.1', port: server.port }, providers: [Greeter] });
    const connection = app.get(RedisConnection);
    const name = `${uniquePrefix()}:greeting`;
    await connection.pipeline().set(name, 'hello', 'PX', 60_000).append(name, ', world').exec();
    expect(await app.get(Greeter).redis.get(name)).toBe('hello, world');
    expect(app.get(Greeter).redis).toBe(connection.client);
    expect(connection.status).toBe('ready');
    await expect(connection.ping()).resolves.toBeUndefined();
    await app.close();
    expect(connection.status).toBe('closed');
  });
});
