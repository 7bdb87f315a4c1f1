import { type RedisConnection, RedisReplyError, RedisUnavailableError } from '../core/connection/index.js';
import { LockServerCheck } from './lock-server-check.js';

const ADDRESS = '127.0.0.1:6379';

/** A connection on which this becomes of the question. */
function checkOn(answer: () => Promise<string[]>) {
  const warnings: string[] = [];
  let asked = 0;
  const send = (): Promise<string[]> => {
    asked += 1;
    return answer();
  };
  const connection = { name: 'default', address: ADDRESS, send } as unknown as RedisConnection;
  const check = new LockServerCheck(connection, (message) => void warnings.push(message));
  return { check, warnings, asked: () => asked };
}

describe('the question whether Redis may throw locks away', () => {
  const askTwice = async (answer: () => Promise<string[]>) => {
    const { check, warnings, asked } = checkOn(answer);
    await check.run();
    if (!check.isDone) await check.run();
    return { asked: asked(), warnings: warnings.length };
  };

  it('is asked until there is an answer, and then no more', async () => {
    const away = () => Promise.reject(new RedisUnavailableError(ADDRESS, 'not-sent'));
    expect(await askTwice(away)).toEqual({ asked: 2, warnings: 0 });
    expect(await askTwice(async () => ['maxmemory_policy:noeviction\r\n'])).toEqual({ asked: 1, warnings: 0 });
    expect(await askTwice(async () => ['maxmemory_policy:allkeys-lru\r\n'])).toEqual({ asked: 1, warnings: 1 });
  });

  it('is not asked again with each lock where we may not ask (access list)', async () => {
    const refused = () =>
      Promise.reject(new RedisReplyError(ADDRESS, "NOPERM this user has no permissions to run 'info'"));
    expect(await askTwice(refused)).toEqual({ asked: 1, warnings: 0 });
  });
});
