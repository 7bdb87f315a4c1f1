import { Redis } from 'ioredis';
import { launchServer } from '../../../tools/redis/index.mjs';
import { Schedule } from '../schedule.js';
import { scheduledSessions, type Stage } from './scheduled-sessions.js';

describe('a session whose creation is sent again after its reply was lost', () => {
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

  const mutation = {
    script: 'destroyAllSessions',
    text: "  redis.call('HSET', session, 'state', 'destroyed')\n",
    by: '',
  };

  it('is not there again if everybody was logged out in between', async () => {
    await expect(loginAround({ redis })).rejects.toMatchObject({ code: 'LOGIN_REVOKED' });
  });

  it('would be there again without a tombstone', async () => {
    await expect(loginAround({ redis, mutation })).resolves.toBe(1);
  });

  it('is not there again either if the index was lost, so that the session itself is left', async () => {
    await expect(loginAround({ redis }, 'lost')).rejects.toMatchObject({ code: 'LOGIN_REVOKED' });
  });

  async function loginAround(stage: Omit<Stage, 'schedule'>, index: 'there' | 'lost' = 'there'): Promise<number> {
    const schedule = new Schedule();
    let isLost = true;
    const loss = () => {
      const now = isLost ? 'reply' : 'none';
      isLost = false;
      return now;
    };
    const sessions = scheduledSessions({ ...stage, schedule, loss });
    schedule.begin();
    const creation = Promise.allSettled([sessions.create({ userId: 'ada' })]);
    await takeTurn(schedule, 'createSession ');
    if (index === 'lost') await redis.unlink(await redis.keys('*:session:user:*'));
    const ended = sessions.destroyAll('ada');
    await takeTurn(schedule, 'destroyAllSessions ');
    await takeTurn(schedule, 'destroyAllSessions reply');
    expect(await ended).toBe(index === 'lost' ? 0 : 1);
    await takeTurn(schedule, 'createSession again');
    schedule.end();
    const [created] = await creation;
    if (created.status === 'rejected') throw created.reason;
    return sessions.count('ada');
  }

  async function takeTurn(schedule: Schedule, step: string): Promise<void> {
    expect(await schedule.hasATurn()).toBe(true);
    const turn = schedule.possibleTurns.find((possible) => possible.step === step.trim());
    if (turn === undefined)
      throw new Error(`${step}: there is ${schedule.possibleTurns.map((one) => one.step).join()}`);
    await schedule.take(turn);
  }
});
