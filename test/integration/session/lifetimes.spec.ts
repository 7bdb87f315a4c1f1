import { jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { describeEachTopology } from '../../support/topologies.js';
import { eventually } from '../../support/eventually.js';
import { OpenSessions } from './open-sessions.js';

/** Between two steps of a test there is no stopwatch: expiries are moved in Redis, or waited for until they are there. */
describeEachTopology('the life of a session', ({ connection }) => {
  const opened: OpenSessions[] = [];
  const openWith = async (options: Parameters<typeof OpenSessions.on>[1]): Promise<OpenSessions> => {
    const open = await OpenSessions.on(connection, options);
    opened.push(open);
    return open;
  };
  afterEach(async () => {
    for (const open of opened.splice(0)) await open.close();
  });

  it('ends when it was not used for the idle timeout (ASVS 7.3.1)', async () => {
    const open = await openWith({ idleTimeout: '30m', touchInterval: 0 });
    const { token, session } = await open.service.create({ userId: 'ada' });
    expect(+session.expiresAt - +session.createdAt).toBe(30 * 60_000);
    await open.passTime(29 * 60_000);
    expect(await open.service.get(token)).toBeDefined(); // used: 30 minutes begin anew
    await open.passTime(29 * 60_000);
    expect(await open.service.touch(token)).toBe(true);
    await open.passTime(31 * 60_000);
    expect(await open.service.get(token)).toBeUndefined();
    expect(await open.service.set(token, { name: 'late' })).toBe(false);
    expect(await open.keys()).toEqual([]);
  });

  it('ends after the absolute timeout however much it is used (ASVS 7.3.2)', async () => {
    const open = await openWith({ idleTimeout: 400, absoluteTimeout: 900, touchInterval: 0 });
    const { token, session } = await open.service.create({ userId: 'ada', data: { visits: 0 } });
    const last = +session.createdAt + 900;
    let reads = 0;
    for (let read = await open.service.get(token); read !== undefined; read = await open.service.get(token)) {
      expect(+read.expiresAt).toBeLessThanOrEqual(last);
      reads += 1;
      await pause(5);
    }
    expect(reads).toBeGreaterThan(0);
    await eventually(async () => expect(await open.keys()).toEqual([]));
  });

  it('ends when it is used after the absolute timeout was shortened to less than its age', async () => {
    const open = await openWith({});
    const { token } = await open.service.create({ userId: 'ada' });
    await pause(5);
    const stricter = await OpenSessions.on(
      connection,
      { idleTimeout: 1, absoluteTimeout: 1, touchInterval: 0 },
      open.keyPrefix,
    );
    opened.push(stricter);
    const { token: written } = await open.service.create({ userId: 'ada' });
    await pause(5);
    expect(await stricter.service.get(token)).toBeUndefined();
    expect(await stricter.service.set(written, { visits: 1 })).toBe(false);
    for (const each of [token, written]) expect(await open.service.get(each)).toBeUndefined();
  });

  it('is noted at most once in a touch interval, and always on touch()', async () => {
    const open = await openWith({ touchInterval: '1m' });
    const { token, session } = await open.service.create({ userId: 'ada' });
    await pause(5);
    const read = await open.service.get(token);
    await open.service.set(token, { visits: 1 });
    expect(read).toMatchObject({ lastSeenAt: session.lastSeenAt, expiresAt: session.expiresAt });
    await open.service.touch(token);
    const [listed] = await open.service.list('ada');
    expect(+listed!.lastSeenAt).toBeGreaterThan(+session.lastSeenAt);
    expect(+listed!.expiresAt).toBe(+listed!.lastSeenAt + 30 * 60_000);
  });

  it('is known by Redis’s clock, not by that of the process', async () => {
    const open = await openWith({ touchInterval: 0 });
    const skewed = jest.spyOn(Date, 'now').mockReturnValue(0);
    const { token, session } = await open.service.create({ userId: 'ada' });
    const read = await open.service.get(token);
    skewed.mockRestore();
    for (const time of [session.createdAt, session.loggedInAt!, read!.lastSeenAt])
      expect(Math.abs(+time - Date.now())).toBeLessThan(60_000);
  });

  it('ends when validate says so (ASVS 7.4.2)', async () => {
    const disabled = new Set<string>();
    const open = await openWith({ validate: async ({ userId }) => !disabled.has(userId!) });
    const ended = open.collect('session:destroyed');
    const { token, session } = await open.service.create({ userId: 'ada' });
    expect(await open.service.getField(token, 'name')).toBeUndefined();
    disabled.add('ada');
    expect(await open.service.getField(token, 'name')).toBeUndefined();
    expect(await open.service.get(token)).toBeUndefined();
    disabled.clear();
    expect(await open.service.get(token)).toBeUndefined();
    expect(ended).toEqual([expect.objectContaining({ id: session.id, userId: 'ada', reason: 'invalid' })]);
  });

  it('leaves a tombstone for longer than the grace and any command under way', async () => {
    for (const commandTimeout of ['1s', '20m'] as const) {
      const open = await OpenSessions.on({ ...connection, commandTimeout }, { rotationGrace: '4m' });
      opened.push(open);
      const { token, session } = await open.service.create();
      await open.service.destroy(token);
      const [tombstone] = await open.keys();
      expect(tombstone).toContain(session.id.slice(2));
      const minutes = commandTimeout === '1s' ? 4 + 5 : 4 + 40;
      const remaining = await open.connection.client.pttl(tombstone!);
      expect(remaining).toBeGreaterThan((minutes - 1) * 60_000);
      expect(remaining).toBeLessThanOrEqual(minutes * 60_000);
    }
  });

  it('leaves no key without an expiry, and none at all in the end', async () => {
    const open = await openWith({ idleTimeout: '1m', rotationGrace: '1s', maxPerUser: 3 });
    const users = ['ada', 'bob', 'eve'];
    for (const userId of users) {
      const before = await open.service.create({ data: { cart: ['tea'] } });
      const { token } = await open.service.login(before.token, { userId });
      const rotated = await open.service.rotate(token);
      await open.service.set((rotated as { token: string }).token, { visits: 1 });
      for (let at = 0; at < 4; at += 1) await open.service.create({ userId });
      await open.service.destroyAll(userId, { except: (await open.service.list(userId))[0]!.id });
      await open.service.create({ userId });
    }
    await open.service.destroyEveryone();
    const keys = await open.keys();
    expect(keys.length).toBeGreaterThan(users.length);
    for (const key of keys) expect([key, await open.connection.client.pttl(key)]).toEqual([key, expect.any(Number)]);
    const without = await Promise.all(keys.map((key) => open.connection.client.pttl(key)));
    expect(without.filter((remaining) => remaining === -1)).toEqual([]);
  });
});
