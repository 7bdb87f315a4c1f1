import { OwnServer } from '../own-server.js';
import { Random } from '../random.js';
import { Claimants, type Mix } from './claimants.js';
import type { Mutation } from './lock-wire.js';

const isLong = process.env.TEST_SCALE === 'long';
const schedules = isLong ? 2_000 : 20;
const forAMutation = 2_000;
const timeout = isLong ? 900_000 : 120_000;

const MIXES = {
  'requests and replies get lost': {
    fates: ['arrives', 'arrives', 'arrives', 'request', 'reply'],
    modes: ['write', 'write', 'read'],
    ttlsMs: [20_000],
  },
  'requests arrive late': {
    fates: ['arrives', 'arrives', 'arrives', 'reply', 'late'],
    modes: ['write', 'write', 'read'],
    ttlsMs: [20_000],
  },
  'holders are slower than their ttl': {
    fates: ['arrives', 'arrives', 'arrives', 'reply', 'late'],
    modes: ['write', 'write', 'read'],
    ttlsMs: [300, 1_000, 20_000],
    stepMs: 300,
  },
  'the data are lost': {
    fates: ['arrives', 'arrives', 'arrives', 'reply'],
    modes: ['write', 'read'],
    ttlsMs: [300, 1_000],
    stepMs: 100,
    losesData: true,
  },
} satisfies Record<string, Mix>;

const MUTATIONS: readonly (readonly [what: string, mix: keyof typeof MIXES, mutation: Mutation])[] = [
  [
    'a short way past what lies beside the token',
    'requests and replies get lost',
    { script: 'lock-take', text: "redis.call('HLEN', holders) == 1 and", by: '' },
  ],
  [
    'a claim that does not ask whether it was cancelled',
    'requests arrive late',
    { script: 'lock-acquire', text: "if redis.call('EXISTS', latch) == 1 then return { 'void' } end", by: '' },
  ],
  [
    'a cancelled attempt that does not bar the short way',
    'requests arrive late',
    { script: 'lock-cancel', text: '\nmark_cancelled(holders, now, REMEMBERED_MS)', by: '' },
  ],
  [
    'a cancelled attempt that bars the short way for ever',
    'requests arrive late',
    { script: 'lock-acquire', text: '  unmark_cancelled(holders, now)\n  return', by: '  return' },
  ],
  [
    'a queue that does not bar the short way',
    'requests and replies get lost',
    {
      script: 'lock-acquire',
      text: "redis.call('HSET', holders, QUEUE, '', CALL, '', CALL_TOO, '')",
      by: "redis.call('HSET', holders, CALL, '', CALL_TOO, '')",
    },
  ],
  [
    'a release that does not call',
    'requests and replies get lost',
    {
      script: 'lock-release',
      text: 'hand_over(holders, queue, waiters, attempt, math.floor(now_us() / 1000))',
      by: '',
    },
  ],
  [
    'a release that does not look at the token when nobody holds it',
    'requests and replies get lost',
    { script: 'lock-release', text: 'is_held or (fence and tonumber(fence) >= tonumber(token))', by: 'is_held' },
  ],
  [
    'a release that always says that it was held',
    'the data are lost',
    { script: 'lock-release', text: 'is_held or (fence and tonumber(fence) >= tonumber(token))', by: 'true' },
  ],
  [
    'a cancel that does not call',
    'requests and replies get lost',
    { script: 'lock-cancel', text: '\nhand_over(holders, queue, waiters, attempt, now)', by: '' },
  ],
  [
    'a queue that is not called for',
    'requests and replies get lost',
    {
      script: 'lock-acquire',
      text: "redis.call('HSET', holders, QUEUE, '', CALL, '', CALL_TOO, '')",
      by: "redis.call('HSET', holders, QUEUE, '')",
    },
  ],
  [
    'a loss of data that closes nothing',
    'the data are lost',
    { script: 'lock-acquire', text: 'closed = math.max(closed, lost_at + asker.longest)', by: '' },
  ],
  [
    'marks that nobody sets again',
    'requests arrive late',
    { script: 'lock-acquire', text: '\nmark_queue(holders, queue) --', by: '\n--' },
  ],
];

describe('a lock that is taken and given back by several processes', () => {
  let server: OwnServer;

  beforeAll(async () => {
    server = await OwnServer.launch();
  });
  afterAll(() => server.stop());

  it.each(Object.keys(MIXES) as (keyof typeof MIXES)[])(
    'is sound when %s',
    async (mix) => expect(await search(mix, schedules)).toBeUndefined(),
    timeout,
  );

  it.each(MUTATIONS)(
    'would not be sound with %s',
    async (_, mix, mutation) => expect(await search(mix, forAMutation, mutation)).toBeDefined(),
    timeout,
  );

  /** A schedule that goes wrong. */
  async function search(mix: keyof typeof MIXES, count: number, mutation?: Mutation): Promise<string | undefined> {
    const first = process.env.MODEL_SEED === undefined ? Date.now() : Number(process.env.MODEL_SEED);
    let found: string | undefined;
    const seeds = (function* () {
      for (let seed = first; found === undefined && seed < first + count; seed += 1) yield seed;
    })();
    await server.forEach(seeds, async (redis, seed) => {
      const claimants = new Claimants(redis, new Random(seed), MIXES[mix], mutation);
      const violations = await claimants.play();
      if (violations.length > 0)
        found ??= [`MODEL_SEED=${seed}`, ...violations, '', ...claimants.schedule.trace].join('\n');
    });
    return found;
  }
});
