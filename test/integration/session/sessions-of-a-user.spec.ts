import { eventually } from '../../support/eventually.js';
import { describeEachTopology } from '../../support/topologies.js';
import { OpenSessions } from './open-sessions.js';

describeEachTopology('the sessions of a user', ({ connection }) => {
  let open: OpenSessions;

  beforeAll(async () => {
    open = await OpenSessions.on(connection, { touchInterval: 0 });
  });
  afterAll(() => open.close());

  const loggedIn = async (userId: string, names: readonly string[]) =>
    Promise.all(names.map((name) => open.service.create({ userId, device: { name }, data: { name } })));

  it('are listed with their devices, and can be ended one by one (ASVS 7.5.2)', async () => {
    const [desk, phone] = await loggedIn('ada', ['desk', 'phone']);
    const listed = await eventually(async () => {
      await open.service.touch(phone!.token); // within the millisecond in which both were made, neither was used last
      const sessions = await open.service.list('ada');
      expect(sessions.map(({ device }) => device.name)).toEqual(['phone', 'desk']);
      return sessions;
    });
    expect(JSON.stringify(listed)).not.toContain(phone!.token.slice(2));
    expect(await open.service.count('ada')).toBe(2);

    const { id } = desk!.session;
    expect(await open.service.destroy({ userId: 'mallory', id })).toBe(false);
    expect(await open.service.get(desk!.token)).toBeDefined();
    expect(await open.service.destroy({ userId: 'ada', id })).toBe(true);
    expect(await open.service.destroy({ userId: 'ada', id })).toBe(false);
    expect(await open.service.get(desk!.token)).toBeUndefined();
    expect((await open.service.list('ada')).map(({ device }) => device.name)).toEqual(['phone']);
  });

  it('end all at once, but for one (ASVS 7.4.3, 7.4.5)', async () => {
    const ended = open.collect('session:destroyed');
    const [here, ...others] = await loggedIn('bob', ['here', 'there', 'elsewhere']);
    const [strangers] = await loggedIn('eve', ['hers']);
    expect(await open.service.destroyAll('bob', { except: here!.session.id })).toBe(2);
    for (const { token } of others) {
      expect(await open.service.get(token)).toBeUndefined();
      expect(await open.service.set(token, { name: 'back' })).toBe(false);
    }
    expect(await open.service.set(here!.token, { visits: 1 })).toBe(true);
    expect(await open.service.get(strangers!.token)).toBeDefined();
    expect(ended.map(({ id, reason }) => [id, reason]).sort()).toEqual(
      others.map(({ session }) => [session.id, 'revoked']).sort(),
    );
    expect(await open.service.destroyAll('bob')).toBe(1);
    expect(await open.service.get(here!.token)).toBeUndefined();
    expect(await open.service.count('bob')).toBe(0);
  });

  it('end but for one that has just been rotated', async () => {
    const [here] = await loggedIn('rob', ['here', 'there']);
    const { token } = (await open.service.rotate(here!.token)) as { token: string };
    expect(await open.service.destroyAll('rob', { except: here!.session.id })).toBe(1);
    expect(await open.service.get(token)).toBeDefined();
    expect(await open.service.count('rob')).toBe(1);
  });

  it('are not kept for a session of somebody else', async () => {
    const [anns] = await loggedIn('ann', ['hers']);
    await loggedIn('tom', ['his']);
    expect(await open.service.destroyAll('tom', { except: anns!.session.id })).toBe(1);
    expect(await open.service.count('tom')).toBe(0);
    expect(await open.service.count('ann')).toBe(1);
  });

  it('end all also when the index of them was lost', async () => {
    const [one, other] = await loggedIn('zoe', ['one', 'other']);
    const index = (await open.keys()).find((key) => key.endsWith(':zoe'))!;
    await open.connection.client.del(index);
    expect(await open.service.destroyAll('zoe')).toBe(0);
    expect(await open.service.get(one!.token)).toBeUndefined();
    expect(await open.service.set(other!.token, { visits: 1 })).toBe(false);
  });

  it('are forgotten by the index when they have expired, without being told', async () => {
    await loggedIn('max', ['one', 'other']);
    const keys = await open.keys();
    const { id } = (await open.service.list('max'))[0]!;
    await open.connection.client.del(keys.find((key) => key.endsWith(id.slice(2)))!);
    expect(await open.service.count('max')).toBe(1);
    const index = keys.find((key) => key.endsWith(':max'))!;
    expect(await open.connection.client.zcard(index)).toBe(1);
    const [, score] = await open.connection.client.zrange(index, '0', '-1', 'WITHSCORES');
    expect(await open.connection.client.pexpiretime(index)).toBeGreaterThanOrEqual(Number(score));
  });
});

describeEachTopology('all sessions', ({ connection }) => {
  it('of everyone end at once, and logins begun before are refused (ASVS 7.4.5)', async () => {
    const open = await OpenSessions.on(connection);
    const users = Array.from({ length: 20 }, (_, at) => `user-${at}`);
    const before = await Promise.all(users.map((userId) => open.service.create({ userId })));
    const anonymous = await open.service.create();
    const login = await open.service.beginLogin('user-1');
    await open.service.destroyEveryone();
    for (const { token } of [...before, anonymous]) expect(await open.service.get(token)).toBeUndefined();
    for (const userId of users) expect(await open.service.count(userId)).toBe(0);
    await expect(open.service.create({ userId: 'user-1', login })).rejects.toMatchObject({ code: 'LOGIN_REVOKED' });
    const after = await open.service.create({ userId: 'user-1' });
    expect(await open.service.get(after.token)).toBeDefined();
    await open.close();
  });
});

describeEachTopology('a limit to the sessions of a user (ASVS 7.1.2)', ({ connection }) => {
  it('ends the oldest', async () => {
    const open = await OpenSessions.on(connection, { maxPerUser: 2 });
    const ended = open.collect('session:destroyed');
    const made = [];
    for (let at = 0; at < 3; at += 1) {
      made.push(await open.service.create({ userId: 'ada' }));
      await open.service.touch(made[0]!.token); // used last, and still the oldest
      await untilLater(open, made.at(-1)!.session.createdAt);
    }
    expect(await open.service.get(made[0]!.token)).toBeUndefined();
    expect(await open.service.count('ada')).toBe(2);
    expect(ended).toEqual([{ id: made[0]!.session.id, userId: 'ada', reason: 'evicted', source: expect.anything() }]);

    const many = await Promise.all(Array.from({ length: 10 }, () => open.service.create({ userId: 'bob' })));
    expect(await open.service.count('bob')).toBe(2);
    const alive = await Promise.all(many.map(({ token }) => open.service.get(token)));
    expect(alive.filter((session) => session !== undefined)).toHaveLength(2);
    await open.close();
  });

  it('refuses one more, but not a login in place of a session there is', async () => {
    const open = await OpenSessions.on(connection, { maxPerUser: 1, whenFull: 'reject' });
    const { token } = await open.service.create({ userId: 'ada' });
    await expect(open.service.create({ userId: 'ada' })).rejects.toMatchObject({ code: 'SESSION_LIMIT', sessions: 1 });
    const stepUp = await open.service.login(token, { userId: 'ada' });
    expect(await open.service.count('ada')).toBe(1);
    await open.service.destroy(stepUp.token);
    await expect(open.service.create({ userId: 'ada' })).resolves.toBeDefined();
    await open.close();
  });
});

/** What is made next is made in a later millisecond, by Redis's clock. */
async function untilLater(open: OpenSessions, moment: Date): Promise<void> {
  await eventually(async () => {
    const [seconds, microseconds] = await open.connection.client.time();
    expect(Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000)).toBeGreaterThan(moment.getTime());
  });
}
