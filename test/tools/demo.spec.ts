import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { allKept, type Finding, tableOf } from '../../tools/demo/findings.js';
import { ask } from '../../tools/redis/ask.mjs';
import { eventually } from '../support/eventually.js';
import { endAll, isAlive, start, until } from './launched.js';

const DEMO = fileURLToPath(new URL('../../tools/demo/run.mjs', import.meta.url));
const onLinux = process.platform === 'linux' ? it : it.skip;

jest.setTimeout(60_000);
afterEach(endAll);

const startDemo = () => start([DEMO], { DEMO_SCALE: 'small' });

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && parentOf(pid) === parent);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/\) \w (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1]);
  } catch {
    return undefined; // it has just ended
  }
}

describe('npm run demo', () => {
  it('measures every promise, finds it kept, and compares', async () => {
    const demo = startDemo();
    expect(await demo.exit()).toBe(0);
    const rows = (await demo.line(/^what[^]*Measured in .*/m)).split('\n');
    for (const what of [
      'cold read',
      'cached read',
      'cold key, 4 processes × 500 callers',
      'stale reads, 3 processes',
      'checkout, 3 processes, 200 buyers at once',
      'invalidating 5 keys among them by pattern',
      'invalidating 5 keys among them by tag',
    ]) {
      expect(rows).toContainEqual(expect.stringMatching(new RegExp(`^${what}.*\\d.* kept$`)));
    }
    for (const peer of ['bare GET', 'a cache of GET, SET', 'the same without the lock', 'SCAN']) {
      expect(rows).toContainEqual(expect.stringMatching(new RegExp(`^  beside it: ${peer}.*\\d`)));
    }
    expect(rows.at(-1)).toMatch(/: (Redis|Valkey) \d.* 5 processes of Node\.js/);
  });

  onLinux('leaves no process behind after Ctrl-C', async () => {
    const demo = startDemo();
    await eventually(() => expect(demo.errors()).toContain('a stampede'), { withinMs: 40_000 });
    const port = Number(/port (\d+)/.exec(demo.errors())?.[1]);
    const children = childrenOf(demo.child.pid!);
    expect(children.length).toBeGreaterThanOrEqual(4);

    demo.child.kill('SIGINT');
    expect(await demo.exit()).toBe(130);
    await until(() => !children.some(isAlive));
    await expect(ask({ host: '127.0.0.1', port }, 'PING')).rejects.toThrow('ECONNREFUSED');
  });

  it('refuses a scale that it does not know', async () => {
    const demo = start([DEMO], { DEMO_SCALE: 'huge' });
    expect(await demo.exit()).toBe(1);
    expect(demo.errors()).toContain("DEMO_SCALE is 'huge'; it may be full or small");
  });
});

describe('the table of the demo', () => {
  const kept: Finding = { what: 'reads', measured: '1 ms\n3 reads', promise: { text: 'none', kept: true } };
  const broken: Finding = { what: 'stale reads', measured: '7', promise: { text: 'none', kept: false } };

  it('marks a promise that was broken', () => {
    expect(tableOf([kept, broken, { what: 'a peer', measured: '9' }])).toBe(
      [
        'what         measured  promised',
        '───────────  ────────  ────────  ──────',
        'reads        1 ms      none      kept',
        '             3 reads',
        'stale reads  7         none      BROKEN',
        'a peer       9',
      ].join('\n'),
    );
    expect(allKept([kept, broken])).toBe(false);
    expect(allKept([kept])).toBe(true);
  });
});
