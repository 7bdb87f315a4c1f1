import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { redisOptionsFromEnv } from './redis-options-from-env.js';

type Env = Record<string, string>;

const PEM = '-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----';
const PEM_LINES = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const PEM_TEXT = 'PEM text or the path of a file that holds it';

const thrownBy = (env: Env): Error => {
  try {
    redisOptionsFromEnv(env);
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
};

describe('certificates', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'redis-cache-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('may lie in files', () => {
    writeFileSync(join(folder, 'ca.pem'), PEM_LINES);
    const options = redisOptionsFromEnv({ REDIS_HOST: 'h', REDIS_TLS: 'true', REDIS_TLS_CA: join(folder, 'ca.pem') });
    expect(options.connection).toMatchObject({ tls: { ca: PEM_LINES } });
  });

  it.each(['REDIS_TLS_CA', 'REDIS_TLS_CERT', 'REDIS_TLS_KEY'])('that cannot be read are named (%s)', (name) => {
    const refusalOf = (given: string) => thrownBy({ REDIS_HOST: 'h', [name]: given });
    const expected = `${name}: expected ${PEM_TEXT}, got`;
    writeFileSync(join(folder, 'empty.pem'), '');
    expect(refusalOf(join(folder, 'missing.pem'))).toMatchObject({
      ...{ code: 'INVALID_OPTION', option: name },
      message: `${expected} neither: reading it as a file failed with ENOENT.`,
    });
    expect(refusalOf(folder).message).toBe(`${expected} neither: reading it as a file failed with EISDIR.`);
    expect(refusalOf(join(folder, 'empty.pem')).message).toBe(`${expected} a file without "-----BEGIN" in it.`);
    expect(refusalOf(folder).cause).toBeUndefined();
  });

  it('are refused when TLS is off', () => {
    const message = "REDIS_TLS: is off, but other REDIS_TLS_ variables are set. Set it to 'true', or remove them.";
    expect(thrownBy({ REDIS_HOST: 'h', REDIS_TLS: 'false', REDIS_TLS_CA: PEM })).toMatchObject({ message });
  });
});

describe('a password', () => {
  const password = fc.string({ unit: fc.constantFrom(...'QXZ0123456789!$&*:;=~_-'), minLength: 8, maxLength: 100 });

  it.each<[place: string, envWith: (secret: string) => Env]>([
    ['in a wrong URL', (p) => ({ REDIS_URL: `http://u:${p}@h` })],
    ['in a URL beside a wrong port', (p) => ({ REDIS_URL: `redis://u:${p}@h`, REDIS_PORT: 'x' })],
    ['in a wrong URL of the durable connection', (p) => ({ REDIS_HOST: 'h', REDIS_DURABLE_URL: `u:${p}@h` })],
    ['in the URL of a node', (p) => ({ REDIS_CLUSTER_NODES: `redis://u:${p}@h` })],
    ['in a node behind another', (p) => ({ REDIS_CLUSTER_NODES: `a:1,u:${p}@h:1` })],
    ['of its own beside a wrong port', (p) => ({ REDIS_HOST: 'h', REDIS_PASSWORD: p, REDIS_PORT: 'x' })],
    ['in one of two places', (p) => ({ REDIS_HOST: 'h', REDIS_URL: `redis://u:${p}@h` })],
    ['beside that of the URL', (p) => ({ REDIS_URL: `redis://:${p}@h`, REDIS_PASSWORD: p })],
    ['in the second URL of a cluster', (p) => ({ REDIS_CLUSTER_NODES: `redis://u:x@a:1,redis://u:${p}@b:1` })],
    ['in the second node, behind one without a port', (p) => ({ REDIS_CLUSTER_NODES: `redis://a,redis://u:${p}@b` })],
    ['in a URL of nothing else', (p) => ({ REDIS_URL: `redis://:${p}` })],
    ['in a URL in place of a host', (p) => ({ REDIS_HOST: `redis://u:${p}@h` })],
    ['in a URL in place of a path', (p) => ({ REDIS_SOCKET_PATH: `redis://u:${p}@h` })],
    ['in a key without its header', (p) => ({ REDIS_HOST: 'h', REDIS_TLS_KEY: p })],
    ['in a key in place of the switch', (p) => ({ REDIS_HOST: 'h', REDIS_TLS: p })],
    ['in a certificate beside wrong ones', (p) => ({ REDIS_HOST: 'h', REDIS_TLS_KEY: ` ${PEM}${p}`, REDIS_PORT: 'x' })],
    ['in a key beside TLS that is off', (p) => ({ REDIS_HOST: 'h', REDIS_TLS: '0', REDIS_TLS_KEY: PEM + p })],
  ])('is in no refusal: %s', (_, envWith) => {
    fc.assert(
      fc.property(password, (secret) => {
        const thrown = thrownBy(envWith(secret));
        expect(thrown).toMatchObject({ code: 'INVALID_OPTION' });
        expect(`${String(thrown)} ${JSON.stringify(thrown)} ${inspect(thrown, { depth: 9 })}`).not.toContain(secret);
      }),
    );
  });
});
