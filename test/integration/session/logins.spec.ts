import { describeEachTopology } from '../../support/topologies.js';
import { OpenSessions } from './open-sessions.js';

describeEachTopology('a login', ({ connection }) => {
  let open: OpenSessions;

  beforeAll(async () => {
    open = await OpenSessions.on(connection);
  });
  afterAll(() => open.close());

  it('gives a new token and keeps the cart (ASVS 7.2.4)', async () => {
    const before = await open.service.create({ data: { cart: ['tea'], visits: 1 } });
    const { token, session } = await open.service.login(before.token, { userId: 'ada', data: { visits: 2 } });
    expect(token).not.toBe(before.token);
    expect(session).toMatchObject({ userId: 'ada', data: { cart: ['tea'], visits: 2 } });
    expect(await open.service.get(token)).toEqual(session);
  });

  it('opens nothing to whoever planted the token, during the grace and after it', async () => {
    const planted = await open.service.create({ data: { cart: ['tea'] } });
    const { token } = await open.service.login(planted.token, { userId: 'victim', data: { name: 'Victim' } });
    await open.service.set(token, { visits: 7 });

    const seen = await open.service.get(planted.token);
    expect(seen).toMatchObject({ userId: undefined, loggedInAt: undefined, data: { cart: ['tea'] } });
    expect(seen!.data).not.toHaveProperty('name');
    expect(seen!.data).not.toHaveProperty('visits');
    expect(await open.service.set(planted.token, { name: 'Eve' })).toBe(false);
    expect(await open.service.unset(planted.token, 'cart')).toBe(false);
    expect(await open.service.update(planted.token, () => ({ name: 'Eve' }))).toBeUndefined();
    expect(await open.service.rotate(planted.token)).toBeUndefined();
    expect((await open.service.get(token))?.data).toEqual({ cart: ['tea'], name: 'Victim', visits: 7 });

    await open.passTime(10_000);
    expect(await open.service.get(planted.token)).toBeUndefined();
    expect(await open.service.get(token)).toMatchObject({ userId: 'victim' });
  });

  it('lets nobody prolong the grace of the session before', async () => {
    const restless = await OpenSessions.on(connection, { touchInterval: 0 });
    const before = await restless.service.create();
    await restless.service.login(before.token, { userId: 'ada' });
    const key = (await restless.keys()).find((each) => each.endsWith(before.session.id.slice(2)))!;
    const endsAt = new Date(await restless.connection.client.pexpiretime(key));
    expect(await restless.service.touch(before.token)).toBe(true);
    expect(await restless.service.get(before.token)).toMatchObject({ expiresAt: endsAt });
    expect(new Date(await restless.connection.client.pexpiretime(key))).toEqual(endsAt);
    await restless.close();
  });

  it('once more (step-up) gives a new token, and ends the old one with the new one (ASVS 7.2.4, 7.4.1)', async () => {
    const first = await open.service.login(undefined, { userId: 'kim', data: { cart: ['tea'] } });
    const second = await open.service.login(first.token, { userId: 'kim' });
    expect(second.session.data).toEqual({ cart: ['tea'] });
    expect(await open.service.get(first.token)).toMatchObject({ userId: 'kim', loggedInAt: first.session.loggedInAt });
    expect((await open.service.list('kim')).map(({ id }) => id)).toEqual([second.session.id]);

    await open.service.destroy(second.token);
    expect(await open.service.get(first.token)).toBeUndefined();
    expect(await open.service.get(second.token)).toBeUndefined();
  });

  it('of another user takes nothing along and ends the session there was at once', async () => {
    const adas = await open.service.login(undefined, { userId: 'ada', data: { cart: ['of ada'] } });
    const bobs = await open.service.login(adas.token, { userId: 'bob' });
    expect(bobs.session.data).toEqual({});
    expect(await open.service.get(adas.token)).toBeUndefined();
    expect((await open.service.list('ada')).map(({ id }) => id)).not.toContain(adas.session.id);
  });

  it('tells which session it has ended, and whose that was', async () => {
    const ended = open.collect('session:destroyed');
    const [before, adas] = [await open.service.create(), await open.service.create({ userId: 'ada' })];
    await open.service.rotate(adas.token);
    const { id } = (await open.service.get(adas.token))!;
    await open.service.login(before.token, { userId: 'bob' });
    await open.service.login(adas.token, { userId: 'bob' });
    expect(ended).toMatchObject([
      { id: before.session.id, userId: undefined, reason: 'login' },
      { id, userId: 'ada', reason: 'login' },
    ]);
  });

  it('that "log out everywhere" has overtaken is refused, and leaves the session before as it was', async () => {
    const before = await open.service.create({ data: { cart: ['tea'] } });
    const login = await open.service.beginLogin('eve');
    await open.service.destroyAll('eve');
    await expect(open.service.login(before.token, { userId: 'eve', login })).rejects.toMatchObject({
      code: 'LOGIN_REVOKED',
    });
    await expect(open.service.create({ userId: 'eve', login })).rejects.toMatchObject({ code: 'LOGIN_REVOKED' });
    expect(await open.service.set(before.token, { visits: 1 })).toBe(true);
    const again = await open.service.beginLogin('eve');
    await expect(open.service.login(before.token, { userId: 'eve', login: again })).resolves.toBeDefined();
    expect(await open.service.count('eve')).toBe(1);
  });
});

describeEachTopology('a rotation', ({ connection }) => {
  let open: OpenSessions;

  beforeAll(async () => {
    open = await OpenSessions.on(connection);
  });
  afterAll(() => open.close());

  it('leads both tokens to the same session until the grace ends, and then only the new one', async () => {
    const { token: old } = await open.service.create({ userId: 'ada', data: { visits: 1 } });
    const { token } = (await open.service.rotate(old)) as { token: string };
    expect(token).not.toBe(old);
    expect(await open.service.set(old, { name: 'by the old' })).toBe(true);
    expect(await open.service.set(token, { cart: ['by the new'] })).toBe(true);
    expect(await open.service.get(old)).toEqual(await open.service.get(token));
    expect((await open.service.get(token))?.data).toEqual({ visits: 1, name: 'by the old', cart: ['by the new'] });
    expect(await open.service.list('ada')).toHaveLength(1);

    await open.passTime(10_000);
    expect(await open.service.get(old)).toBeUndefined();
    expect(await open.service.set(old, { name: 'too late' })).toBe(false);
    expect((await open.service.get(token))?.data).toMatchObject({ name: 'by the old' });
  });

  it('by requests in parallel logs nobody out: one has the token, and it is good when the grace has ended', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { token: old } = await open.service.create({ userId: `parallel-${round}` });
      const outcomes = await Promise.all(Array.from({ length: 8 }, () => open.service.rotate(old)));
      const tokens = outcomes.flatMap((outcome) => (typeof outcome === 'object' ? [outcome.token] : []));
      expect(tokens).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === 'already-rotated')).toHaveLength(7);
      expect(await open.service.get(old)).toBeDefined();
      await open.passTime(10_000);
      expect(await open.service.get(tokens[0]!)).toBeDefined();
    }
  });

  it('after a rotation leads on from the first token', async () => {
    const { token: first } = await open.service.create({ data: { visits: 1 } });
    const second = (await open.service.rotate(first)) as { token: string };
    const third = (await open.service.rotate(second.token)) as { token: string };
    expect((await open.service.get(first))?.id).toBe((await open.service.get(third.token))?.id);
    expect(await open.service.rotate(first)).toBe('already-rotated');
  });

  it('does not keep a session alive that ends under either token (ASVS 7.4.1)', async () => {
    const ended = open.collect('session:destroyed');
    const { token: old } = await open.service.create({ userId: 'bob' });
    const { token } = (await open.service.rotate(old)) as { token: string };
    expect(await open.service.destroy(old)).toBe(true);
    expect(await open.service.get(token)).toBeUndefined();
    expect(await open.service.rotate(old)).toBeUndefined();
    expect(await open.service.count('bob')).toBe(0);
    expect(ended).toHaveLength(1);
  });
});
