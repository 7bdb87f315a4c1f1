import fc from 'fast-check';
import { Redis } from 'ioredis';
// eslint-disable-next-line no-restricted-imports -- patterns are not public, and only a real Redis knows its own globs
import { escapeGlob, Pattern } from '../../../libs/redis-cache/src/core/keys/index.js';
import { uniquePrefix } from '../../support/test-app.js';

const numRuns = process.env.TEST_SCALE === 'long' ? 5_000 : 500;
const LETTERS = ['a', 'b', 'c'];
const SPECIAL = ['*', '?', '[', ']', '\\', '-', '^', ':'];

/** Every text of up to two characters, and every word of three or four letters. */
const TEXTS = [
  ...['', ...LETTERS, ...SPECIAL].flatMap((one) => [...LETTERS, ...SPECIAL].map((other) => one + other)),
  ...LETTERS.flatMap((a) =>
    LETTERS.flatMap((b) => LETTERS.flatMap((c) => [a + b + c, `${a}${b}${c}a`, `${a}-${b}${c}`])),
  ),
  '',
];

/**
 * Globs that mean the same to Redis and to us: ASCII, and no `[a-]`, `[\a-c]` or `[^]`, which Redis reads in ways of
 * its own. A pattern that ends too early is refused by us and accepted by Redis.
 */
const setItem = fc.constantFrom('a', 'b', 'c', ':', 'a-b', 'c-a', '\\]', '\\\\', '\\^', '\\-', '*', '?', '[');
const set = fc
  .tuple(fc.constantFrom('', '^'), fc.array(setItem, { minLength: 1, maxLength: 3 }))
  .map(([negation, items]) => `[${negation}${items.join('')}]`);
const literal = fc.constantFrom('a', 'b', 'c', ':', '-', '^', ']', '\\a', '\\*', '\\?', '\\[', '\\]', '\\\\');
const glob = fc
  .array(fc.oneof(literal, fc.constantFrom('*', '?'), set), { maxLength: 5 })
  .map((pieces) => pieces.join(''));

describe('a pattern and the glob of Redis', () => {
  const prefix = `${uniquePrefix()}:`;
  let redis: Redis;

  beforeAll(async () => {
    redis = new Redis(process.env.REDIS_URL!);
    await redis.mset(new Map(TEXTS.map((text) => [prefix + text, '1'])));
  });
  afterAll(async () => {
    await redis.del(TEXTS.map((text) => prefix + text));
    await redis.quit();
  });

  const matchedByRedis = async (pattern: string): Promise<string[]> => {
    const keys = await redis.keys(escapeGlob(prefix) + pattern);
    return keys.map((key) => key.slice(prefix.length)).sort();
  };

  it('agree on every text', async () => {
    await fc.assert(
      fc.asyncProperty(glob, async (source) => {
        const pattern = Pattern.parse(source);
        expect(TEXTS.filter((text) => pattern.matches(text)).sort()).toEqual(await matchedByRedis(source));
      }),
      { numRuns },
    );
  });

  it('agree that an escaped text is itself', async () => {
    for (const text of TEXTS) expect(await matchedByRedis(escapeGlob(text))).toEqual([text]);
  });
});
