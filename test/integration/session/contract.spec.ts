import type { SessionOptions, SessionService } from 'nestjs-redis-cache';
import type { Shopper } from './open-sessions.js';
import { type Subject, SUBJECTS } from './subjects.js';

/** What a test with the fake may rely on: each of these holds in Redis too. */
describe.each(SUBJECTS)('sessions, whichever: %s', (_, open) => {
  let opened: Subject;
  let service: SessionService<Shopper>;
  const use = async (options: SessionOptions = {}): Promise<void> => {
    opened = await open({ touchInterval: 0, ...options });
    ({ service } = opened);
  };
  afterEach(() => opened.close());

  const idsOf = async (userId: string): Promise<string[]> => (await service.list(userId)).map(({ id }) => id).sort();

  it('keep fields apart, and those that are removed away', async () => {
    await use();
    const { token } = await service.create({ userId: 'ada', data: { name: 'Ada', since: new Date(0) } });
    await Promise.all([service.set(token, { visits: 1 }), service.set(token, { cart: ['tea'] })]);
    await service.unset(token, 'name');
    await service.set(token, { since: undefined });
    expect((await service.get(token))?.data).toEqual({ visits: 1, cart: ['tea'] });
    expect(await service.update(token, ({ visits = 0 }) => ({ visits: visits + 1 }))).toMatchObject({ visits: 2 });
    expect(await service.getField(token, 'visits')).toBe(2);
  });

  it('call an update again when somebody was faster', async () => {
    await use();
    const { token } = await service.create();
    let calls = 0;
    await service.update(token, async ({ visits = 0 }) => {
      calls += 1;
      if (calls === 1) await service.set(token, { visits: 5 });
      return { visits: visits + 1 };
    });
    expect([calls, await service.getField(token, 'visits')]).toEqual([2, 6]);
  });

  it('are gone when they were not used, and writes count as use', async () => {
    await use({ idleTimeout: '30m' });
    const { token } = await service.create({ userId: 'ada' });
    await opened.passTime(29 * 60_000);
    expect(await service.set(token, { visits: 1 })).toBe(true);
    await opened.passTime(29 * 60_000);
    expect(await service.touch(token)).toBe(true);
    await opened.passTime(31 * 60_000);
    expect([await service.touch(token), await service.set(token, {}), await service.count('ada')]).toEqual([
      ...[false, false, 0],
    ]);
  });

  it('are refused when they become too large, and may always shrink', async () => {
    await use({ maxSize: 300 });
    const { token } = await service.create({ data: { name: 'x'.repeat(200) } });
    await expect(service.set(token, { cart: ['y'.repeat(200)] })).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' });
    await expect(service.create({ data: { name: 'x'.repeat(400) } })).rejects.toMatchObject({ maxBytes: 300 });
    expect(await service.set(token, { name: undefined, cart: ['y'.repeat(200)] })).toBe(true);
  });

  it('go on after a login under another token, and are frozen under the old one', async () => {
    await use({ rotationGrace: '10s' });
    const before = await service.create({ data: { cart: ['tea'] } });
    const { token, session } = await service.login(before.token, { userId: 'ada', data: { visits: 1 } });
    expect(session.data).toEqual({ cart: ['tea'], visits: 1 });
    expect(await service.get(before.token)).toMatchObject({ userId: undefined, data: { cart: ['tea'] } });
    expect(await service.set(before.token, { cart: [] })).toBe(false);
    expect(await service.rotate(before.token)).toBeUndefined();
    expect(await service.update(before.token, () => ({ visits: 9 }))).toBeUndefined();
    expect(await idsOf('ada')).toEqual([session.id]);
    await opened.passTime(11_000);
    expect(await service.get(before.token)).toBeUndefined();
    expect(await service.get(token)).toMatchObject({ userId: 'ada' });
  });

  it('give nothing of one user to another', async () => {
    await use();
    const adas = await service.create({ userId: 'ada', data: { cart: ['hers'] } });
    const bobs = await service.login(adas.token, { userId: 'bob' });
    expect(bobs.session.data).toEqual({});
    expect(await service.get(adas.token)).toBeUndefined();
    expect([await service.count('ada'), await service.count('bob')]).toEqual([0, 1]);
  });

  it('end under each of their tokens, whichever is used', async () => {
    await use({ rotationGrace: '10s' });
    const first = await service.create({ userId: 'ada' });
    const { token } = (await service.rotate(first.token)) as { token: string };
    expect(await service.rotate(first.token)).toBe('already-rotated');
    expect((await service.get(first.token))?.id).toBe((await service.get(token))?.id);
    expect(await service.destroy(first.token)).toBe(true);
    expect([await service.get(token), await service.destroy(token), await service.count('ada')]).toEqual([
      ...[undefined, false, 0],
    ]);
    const stepUp = await service.login((await service.create({ userId: 'ada' })).token, { userId: 'ada' });
    expect(await service.destroy(stepUp.token)).toBe(true);
    const rotated = await service.create({ userId: 'eve' });
    const next = (await service.rotate(rotated.token)) as { token: string };
    await opened.passTime(11_000);
    expect(await service.get(rotated.token)).toBeUndefined();
    expect(await service.get(next.token)).toBeDefined();
  });

  it('end one by one for their user alone, and all but one', async () => {
    await use();
    const made = await Promise.all(['a', 'b', 'c'].map(() => service.create({ userId: 'ada' })));
    const [one, other, third] = made.map(({ session }) => session.id) as [string, string, string];
    expect(await service.destroy({ userId: 'bob', id: one })).toBe(false);
    expect(await service.destroy({ userId: 'ada', id: one })).toBe(true);
    const login = await service.beginLogin('ada');
    expect(await service.destroyAll('ada', { except: other })).toBe(1);
    expect(await idsOf('ada')).toEqual([other]);
    await expect(service.login(undefined, { userId: 'ada', login })).rejects.toMatchObject({ code: 'LOGIN_REVOKED' });
    expect(third).not.toBe(other);
    expect(await service.destroyAll('ada')).toBe(1);
    await service.create({ userId: 'ada' });
    await service.destroyEveryone();
    expect(await service.count('ada')).toBe(0);
  });

  it.each(['evict-oldest', 'reject'] as const)('are so many at most: %s', async (whenFull) => {
    await use({ maxPerUser: 1, whenFull });
    const first = await service.create({ userId: 'ada' });
    const second = service.create({ userId: 'ada' });
    if (whenFull === 'reject') await expect(second).rejects.toMatchObject({ code: 'SESSION_LIMIT', sessions: 1 });
    else await second;
    expect((await service.get(first.token)) === undefined).toBe(whenFull === 'evict-oldest');
    const [now] = await service.list('ada');
    expect(now!.id === first.session.id).toBe(whenFull === 'reject');
  });

  it('end when validate says so', async () => {
    let isDisabled = false;
    await use({ validate: () => !isDisabled });
    const { token } = await service.create({ userId: 'ada' });
    isDisabled = true;
    expect(await service.get(token)).toBeUndefined();
    isDisabled = false;
    expect([await service.get(token), await service.count('ada')]).toEqual([undefined, 0]);
  });

  it('do not exist for a token that nobody was given', async () => {
    await use();
    for (const made of [`00${'A'.repeat(43)}`, 'x', (await service.create()).session.id]) {
      expect(await service.get(made)).toBeUndefined();
      expect(await service.set(made, { visits: 1 })).toBe(false);
      expect(await service.destroy(made)).toBe(false);
      expect(await service.rotate(made)).toBeUndefined();
      expect((await service.login(made, { userId: 'eve' })).token).not.toBe(made);
    }
  });
});
