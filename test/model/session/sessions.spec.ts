import { Cluster, Redis } from 'ioredis';
import { launchCluster, launchServer } from '../../../tools/redis/index.mjs';
import { Random } from '../random.js';
import { Schedule } from '../schedule.js';
import { playLogins } from './logins.js';
import { playRequests } from './requests.js';
import type { Mutation, Stage } from './scheduled-sessions.js';

const isLong = process.env.TEST_SCALE === 'long';
/** Of each mix, on a server and on a cluster; two mixes of requests make 10,000 interleavings. */
const ofRequests = isLong ? 5_000 : 500;
const ofLogins = isLong ? 10_000 : 1_000;
const AT_A_TIME = 8;
const forAMutation = 3_000;
const timeout = isLong ? 900_000 : 240_000;

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

interface Opened {
  readonly redis: Stage['redis'];
  readonly stop: () => Promise<void>;
}

const TOPOLOGIES: Record<'standalone' | 'cluster', () => Promise<Opened>> = {
  standalone: async () => {
    const { url, stop } = await launchServer({ quiet: true });
    return { redis: new Redis(url), stop };
  },
  cluster: async () => {
    const { nodes, stop } = await launchCluster({ quiet: true });
    return { redis: new Cluster(nodes.map(({ port }) => ({ host: '127.0.0.1', port }))), stop };
  },
};

describe.each(['standalone', 'cluster'] as const)('sessions under requests at the same time (%s)', (topology) => {
  let opened: Opened;

  beforeAll(async () => {
    opened = await TOPOLOGIES[topology]();
  });
  afterAll(async () => {
    opened.redis.disconnect();
    await opened.stop();
  });

  it.each([
    ['lose no field and are not there again after a logout', 'logout', ofRequests],
    ['lose no field to a login', 'login', ofRequests],
    ['do not survive "log out everywhere"', 'everywhere', ofLogins],
  ] as const)('%s', async (_, mix, schedules) => expect(await search(mix, schedules)).toBeUndefined(), timeout);

  if (topology === 'standalone')
    it.each(MUTATIONS)(
      'would not be sound with %s',
      async (_, mix, mutation) => expect(await search(mix, forAMutation, mutation)).toBeDefined(),
      timeout,
    );

  /** A schedule that goes wrong. */
  async function search(mix: keyof typeof MIXES, schedules: number, mutation?: Mutation): Promise<string | undefined> {
    const first = process.env.MODEL_SEED === undefined ? Date.now() : Number(process.env.MODEL_SEED);
    let [next, found]: [number, string | undefined] = [first, undefined];
    const lane = async (): Promise<void> => {
      while (found === undefined && next < first + schedules) {
        const seed = next++;
        const schedule = new Schedule();
        const stage = { redis: opened.redis, schedule, ...(mutation && { mutation }) };
        const violations = await MIXES[mix](stage, new Random(seed));
        if (violations.length > 0) found = [`MODEL_SEED=${seed}`, ...violations, '', ...schedule.trace].join('\n');
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, lane));
    return found;
  }
});
