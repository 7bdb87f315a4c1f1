import { Redis } from 'ioredis';
import { launchServer } from '../../../tools/redis/index.mjs';
import { Random } from '../random.js';
import { Schedule } from '../schedule.js';
import { playLogins } from './logins.js';
import { playRequests } from './requests.js';
import type { Mutation, Stage } from './scheduled-sessions.js';

const isLong = process.env.TEST_SCALE === 'long';
/** Of each mix; two mixes of requests make 10,000 interleavings. */
const ofRequests = isLong ? 5_000 : 500;
const ofLogins = isLong ? 10_000 : 1_000;
const forAMutation = 3_000;
const timeout = isLong ? 1_200_000 : 240_000;

type Play = (stage: Omit<Stage, 'loss'>, random: Random) => Promise<readonly string[]>;

const MIXES: Record<'logout' | 'login' | 'everywhere', Play> = {
  logout: (stage, random) => playRequests(stage, random, 'logout'),
  login: (stage, random) => playRequests(stage, random, 'login'),
  everywhere: playLogins,
};

const MUTATIONS: readonly (readonly [what: string, mix: keyof typeof MIXES, mutation: Mutation])[] = [
  [
    'a write that does not ask whether the session lives',
    'logout',
    { script: 'writeSession', text: "if state ~= 'live' then return { state } end", by: '' },
  ],
  [
    'a login that does not ask whether everybody was logged out since it began',
    'everywhere',
    {
      script: 'createSession',
      text: "if expected ~= '' and expected ~= generation then return { 'revoked' } end",
      by: '',
    },
  ],
  [
    'an update that does not ask whether somebody else has written',
    'login',
    {
      script: 'writeSession',
      text: "if expected ~= '' and expected ~= redis.call('HGET', session, 'version')",
      by: 'if false',
    },
  ],
  [
    'a session that a login has replaced and that is written to',
    'login',
    {
      script: 'retireSession',
      text: "redis.call('HSET', session, 'state', 'frozen', 'next', user ~= '' and successor or '')",
      by: '',
    },
  ],
  [
    'a rotated session whose old token leads nowhere',
    'login',
    { script: 'rotateSession', text: "redis.call('HSET', session, 'state', 'moved', 'next', new_id)", by: '' },
  ],
  [
    'everywhere means: where the index says, and the generation stays',
    'everywhere',
    { script: 'destroyAllSessions', text: "redis.call('SET', gate .. user, generation, 'PX', gate_ms)", by: '' },
  ],
];

describe('sessions under requests at the same time', () => {
  let server: Awaited<ReturnType<typeof launchServer>>;
  let redis: Redis;

  beforeAll(async () => {
    server = await launchServer({ quiet: true });
    redis = new Redis(server.url);
  });
  afterAll(async () => {
    redis.disconnect();
    await server.stop();
  });

  it.each([
    ['lose no field and are not there again after a logout', 'logout', ofRequests],
    ['lose no field to a login', 'login', ofRequests],
    ['do not survive "log out everywhere"', 'everywhere', ofLogins],
  ] as const)('%s', async (_, mix, schedules) => expect(await search(mix, schedules)).toBeUndefined(), timeout);

  it.each(MUTATIONS)(
    'would not be sound with %s',
    async (_, mix, mutation) => expect(await search(mix, forAMutation, mutation)).toBeDefined(),
    timeout,
  );

  /** The first schedule that goes wrong. */
  async function search(mix: keyof typeof MIXES, schedules: number, mutation?: Mutation): Promise<string | undefined> {
    const first = process.env.MODEL_SEED === undefined ? Date.now() : Number(process.env.MODEL_SEED);
    for (let seed = first; seed < first + schedules; seed += 1) {
      const schedule = new Schedule();
      const violations = await MIXES[mix]({ redis, schedule, ...(mutation && { mutation }) }, new Random(seed));
      if (violations.length > 0) return [`MODEL_SEED=${seed}`, ...violations, '', ...schedule.trace].join('\n');
    }
    return undefined;
  }
});
