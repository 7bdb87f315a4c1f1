import assert from 'node:assert/strict';
import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertSuccess, parseJson, runCommand } from './run-command.mjs';

/** @typedef {import('./checks.mjs').Checks} Checks */
/** @typedef {{ title: string, status: string, failureMessages: string[] }} JestTest */
/** @typedef {{ name: 'standalone' | 'cluster', env: NodeJS.ProcessEnv }} Topology */

const ONE_COPY = `
  const entries = ['nestjs-redis-cache', 'nestjs-redis-cache/config'];
  Promise.all(entries.map(async (entry) => [require(entry), await import(entry)])).then((pairs) => {
    const isSame = ([required, imported]) => Object.keys(required).every((name) => required[name] === imported[name]);
    console.log(JSON.stringify(pairs.map((pair) => Object.keys(pair[0]).length > 0 && isSame(pair))));
  });
`;

/** Every fixture reports these about itself; see its facts.ts. @param {string} topology @returns {[title: string, facts: object][]} */
const expectations = (topology) => [
  [
    'injects the cache by class and by name, and the connection',
    { injected: ['CacheService', 'CacheService', 'RedisConnection'] },
  ],
  ['connects to what the environment names, through redisConfig.asProvider()', { topology, status: 'ready' }],
  ['reads other settings from the environment', { hoursToLive: 2 }],
  ['injects the ioredis client', { echo: 'hello' }],
  ['loads once, then hits', { loads: 1 }],
  ['gets an instance of its own class back', { label: 'Product 1, 12.50' }],
  ['gets Date and Map back as they were', { keepsTypes: true }],
  ['keeps copies in memory, which this major version of ioredis hears to be gone', { isCopied: true, isTold: true }],
  ['keeps namespaces apart', { greetings: [true, false] }],
  ['invalidates by pattern, in one namespace', { invalidated: [2, false], hoursToLive: 2 }],
  [
    'answers a decorated method from the cache without running it, with an instance of its own class',
    { decoratedLabel: 'Product 1, 12.50', decoratedHits: [] },
  ],
  ['makes default keys of all arguments', { otherArguments: ['list 1 false'] }],
  [
    'evicts by decorator: by key, by pattern and by tag',
    {
      evictedByKey: ['update 1', 'find 1'],
      evictedByPattern: ['list 1 true'],
      newLabel: 'Product 1, 9.90',
      evictedByTag: ['deprecate 990', 'find 1'],
    },
  ],
  [
    'logs in over HTTP by a cookie for this host alone, and takes the cart along',
    {
      sessionCookie: '__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax',
      cartAfterLogin: ['tea', 'cup'],
      users: [401, 'ada', 'ada@shop.example'],
    },
  ],
  [
    'gives nothing to the token from before the login, or after the logout',
    { plantedStatus: 401, stolenStatus: 401, cookieAfterLogout: '' },
  ],
  [
    'limits its routes with a guard, and tells so in headers',
    {
      limitedStatuses: [200, 429, 200],
      policies: ['"narrow";q=2;w=3600', '"narrow";q=2;w=3600', null],
      problem: 'application/problem+json',
    },
  ],
  ['leaves no socket open after close()', { socketsLeft: 0 }],
];

/**
 * A copy of a fixture that has the tarball and its own pinned dependencies installed, compiled by its own compiler.
 *
 * @param {{ fixture: string, work: string, tarball: string }} options
 * @param {Checks} checks
 */
export async function prepareConsumer({ fixture, work, tarball }, { check }) {
  const folder = join(work, fixture);
  await cp(join(import.meta.dirname, fixture), folder, { recursive: true });

  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', tarball];
  const isReady =
    (await check(`${fixture}: npm installs it beside the peers`, async () =>
      assertSuccess(await runCommand('npm', install, { cwd: folder, seconds: 300 })),
    )) &&
    (await check(`${fixture}: the compiler accepts it, its declarations included (skipLibCheck: false)`, async () =>
      assertSuccess(await node(folder, ['node_modules/typescript/bin/tsc'], { seconds: 180 })),
    ));
  return isReady ? folder : undefined;
}

/** @param {string} fixture @param {string} folder @param {Checks} checks */
export async function checkCopies(fixture, folder, { check }) {
  for (const name of ['@nestjs/common', 'ioredis', 'nestjs-redis-cache']) {
    await check(`${fixture}: there is one copy of ${name}`, async () => {
      const { stdout } = await runCommand('npm', ['query', `[name="${name}"]`], { cwd: folder, seconds: 60 });
      const copies = /** @type {{ location: string }[]} */ (parseJson(stdout));
      assert.deepEqual(
        copies.map(({ location }) => location),
        [`node_modules/${name}`],
      );
    });
  }
  await check(`${fixture}: require() and import give the same classes`, async () => {
    const outcome = await node(folder, ['--input-type=commonjs', '--eval', ONE_COPY], { seconds: 30 });
    assertSuccess(outcome);
    assert.deepEqual(parseJson(outcome.stdout), [true, true]);
  });
}

/** @param {string} fixture @param {string} folder @param {Topology} topology @param {Checks} checks */
export async function checkApplication(fixture, folder, { name, env }, { check }) {
  const settings = { ...env, CACHE_TTL: '2h', REDIS_KEY_PREFIX: fixture };
  const outcome = await node(folder, ['dist/main.js'], { env: settings, seconds: 30 });
  await check(`${fixture}, ${name}: starts, closes and ends by itself, without a warning`, () => {
    assertSuccess(outcome);
    assert.equal(outcome.stderr, '');
    assert.match(outcome.stdout, /^\{.*\}\n$/);
  });

  const facts = /** @type {Record<string, unknown>} */ (parseJson(/^\{.*\}$/m.exec(outcome.stdout)?.[0] ?? '{}'));
  for (const [title, expected] of expectations(name)) {
    const seen = Object.fromEntries(Object.keys(expected).map((fact) => [fact, facts[fact]]));
    await check(`${fixture}, ${name}: ${title}`, () => assert.deepEqual(seen, expected));
  }
}

/** @param {string} fixture @param {string} folder @param {Topology} topology @param {Checks} checks */
export async function checkUnderJest(fixture, folder, { name, env }, { check }) {
  const file = join(folder, 'jest.json');
  const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--ci', '--json', `--outputFile=${file}`];
  await rm(file, { force: true });
  const outcome = await node(folder, jest, { env: { ...env, REDIS_KEY_PREFIX: `${fixture}-jest` }, seconds: 60 });
  await check(`${fixture}, ${name}: its Jest suite passes, and Jest ends by itself`, () => assertSuccess(outcome));

  const report = await readFile(file, 'utf8').catch(() => '{ "testResults": [] }');
  const { testResults } = /** @type {{ testResults: { assertionResults: JestTest[] }[] }} */ (parseJson(report));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  for (const { title, status, failureMessages } of tests) {
    await check(`${fixture}, ${name}: under Jest it ${title}`, () =>
      assert.equal(status, 'passed', failureMessages.join('\n')),
    );
  }
}

/** @param {string} cwd @param {string[]} args @param {import('./run-command.mjs').Options} options */
function node(cwd, args, options) {
  return runCommand(process.execPath, args, { cwd, ...options });
}
