import { describeEachTopology } from '../../support/topologies.js';
import { eventually } from '../../support/eventually.js';
import { OpenSessions } from './open-sessions.js';

describeEachTopology('a session', ({ connection }) => {
  let open: OpenSessions;

  beforeAll(async () => {
    open = await OpenSessions.on(connection, { maxSize: 2_000 });
  });
  afterAll(() => open.close());

  it('has the data it was given, field by field, as it was', async () => {
    const since = new Date(0);
    const { token, session } = await open.service.create({
      userId: 'ada',
      data: { name: 'Ada', since },
      device: { name: 'desk', userAgent: 'x'.repeat(600) },
    });
    expect(session).toMatchObject({ userId: 'ada', data: { name: 'Ada', since }, loggedInAt: session.createdAt });
    const read = await open.service.get(token);
    expect(read).toEqual(session);
    expect(read!.device).toEqual({ name: 'desk', userAgent: 'x'.repeat(512) });
    expect(await open.service.getField(token, 'since')).toEqual(since);
    expect(await open.service.getField(token, 'cart')).toBeUndefined();
  });

  it('is nobody’s before the login', async () => {
    const { token, session } = await open.service.create();
    expect(session).toMatchObject({ userId: undefined, loggedInAt: undefined, data: {} });
    expect(await open.service.set(token, { cart: ['tea'] })).toBe(true);
    expect((await open.service.get(token))?.data).toEqual({ cart: ['tea'] });
  });

  it('keeps fields that others write, and loses those that are removed', async () => {
    const { token } = await open.service.create({ data: { name: 'Ada', visits: 1 } });
    await Promise.all([open.service.set(token, { visits: 2 }), open.service.set(token, { cart: ['tea'] })]);
    expect((await open.service.get(token))?.data).toEqual({ name: 'Ada', visits: 2, cart: ['tea'] });
    expect(await open.service.unset(token, 'name', 'since')).toBe(true);
    expect(await open.service.set(token, { visits: undefined })).toBe(true);
    expect((await open.service.get(token))?.data).toEqual({ cart: ['tea'] });
  });

  it('counts what is updated at the same time', async () => {
    const { token } = await open.service.create({ data: { visits: 0 } });
    const visit = () => open.service.update(token, ({ visits = 0 }) => ({ visits: visits + 1 }));
    await Promise.all(Array.from({ length: 12 }, visit));
    expect(await open.service.getField(token, 'visits')).toBe(12);
    await open.service.destroy(token);
    expect(await visit()).toBeUndefined();
  });

  it('gives up an update that others always overtake', async () => {
    const { token } = await open.service.create({ data: { visits: 0 } });
    const update = open.service.update(token, async () => {
      await open.service.set(token, { name: 'faster' });
      return { visits: 1 };
    });
    await expect(update).rejects.toMatchObject({ code: 'SESSION_CONFLICT' });
    expect(await open.service.getField(token, 'visits')).toBe(0);
  });

  it('that becomes too large is refused, and stays as it was', async () => {
    const { token } = await open.service.create({ data: { name: 'x'.repeat(1_500) } });
    const tooLarge = { code: 'SESSION_TOO_LARGE', maxBytes: 2_000 };
    await expect(open.service.set(token, { cart: ['y'.repeat(1_500)] })).rejects.toMatchObject(tooLarge);
    await expect(open.service.create({ data: { name: 'x'.repeat(3_000) } })).rejects.toMatchObject(tooLarge);
    expect(await open.service.set(token, { name: 'z'.repeat(1_600), visits: 1 })).toBe(true);
    expect(await open.service.unset(token, 'name')).toBe(true);
    expect(await open.service.set(token, { cart: ['y'.repeat(1_500)] })).toBe(true);
    expect((await open.service.get(token))?.data).toEqual({ visits: 1, cart: ['y'.repeat(1_500)] });
  });

  it('whose field cannot be read has the others', async () => {
    const unreadable = open.collect('session:undecodable');
    const { token, session } = await open.service.create({ data: { name: 'Ada', visits: 3 } });
    const key = (await open.keys()).find((found) => found.endsWith(session.id.slice(2)))!;
    await open.connection.client.hset(key, 'd:name', 'damaged');
    expect((await open.service.get(token))?.data).toEqual({ visits: 3 });
    expect(unreadable.splice(0)).toEqual([expect.objectContaining({ id: session.id, field: 'name' })]);

    // Who reads a single field is not even told of the others.
    expect(await open.service.getField(token, 'visits')).toBe(3);
    expect(await open.service.getField(token, 'cart')).toBeUndefined();
    expect(await open.service.touch(token)).toBe(true);
    expect(unreadable).toEqual([]);
  });

  it('can hold a field of any name', async () => {
    const names = { __proto__: 1 } as object;
    const odd = { ['__proto__']: 'a', '': 'b', 'd:x': 'c', state: 'd', user: 'e', 'ü\0': 'f', ...names };
    const { token } = await open.service.create({ data: odd as never });
    const { data } = (await open.service.get(token))!;
    expect(Object.entries(data).sort()).toEqual(Object.entries(odd).sort());
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
  });

  it('of a token nobody was given does not exist, and is not made (ASVS 7.2.1)', async () => {
    const made = `00${'A'.repeat(43)}`;
    const unknown = open.collect('session:unknown-token');
    const before = await open.keys();
    expect(await open.service.get(made)).toBeUndefined();
    expect(await open.service.set(made, { name: 'Eve' })).toBe(false);
    expect(await open.service.unset(made, 'name')).toBe(false);
    expect(await open.service.update(made, () => ({ name: 'Eve' }))).toBeUndefined();
    expect(await open.service.touch(made)).toBe(false);
    expect(await open.service.rotate(made)).toBeUndefined();
    expect(await open.service.destroy(made)).toBe(false);
    expect((await open.service.login(made, { userId: 'eve' })).token).not.toBe(made);
    expect((await open.keys()).length - before.length).toBe(2); // the new session and its index
    expect(unknown.length).toBeGreaterThan(0);
  });

  it.each([
    '',
    'x',
    '__proto__',
    'é'.repeat(45),
    `zz${'A'.repeat(43)}`,
    `00${'A'.repeat(43)}\n`,
    `00{}${'A'.repeat(41)}`,
  ])('is not looked for when the token cannot be one: %j', async (token) => {
    const unknown = open.collect('session:unknown-token');
    expect(await open.service.get(token)).toBeUndefined();
    expect(await open.service.destroy(token)).toBe(false);
    expect(unknown).toEqual([]);
  });

  it('has a token of its own, of 256 random bits (ASVS 7.2.2, 7.2.3)', async () => {
    const made = await Promise.all(
      Array.from({ length: 50 }, () => open.service.create({ userId: 'one and the same' })),
    );
    const bytes = made.map(({ token }) => Buffer.from(token.slice(2), 'base64url'));
    expect(new Set(bytes.map((each) => each.toString('hex'))).size).toBe(50);
    expect(new Set(made.map(({ token }) => token.slice(0, 2))).size).toBe(1); // the bucket of the user
    for (const each of bytes) expect(each).toHaveLength(32);
    // Each of the 256 bits is 0 in one token and 1 in another; that it is not so by chance has 256 in 2^49.
    for (let bit = 0; bit < 256; bit += 1) {
      const seen = new Set(bytes.map((each) => (each[bit >> 3]! >> (bit & 7)) & 1));
      expect([bit, seen.size]).toEqual([bit, 2]);
    }
  });

  it('is not found by its id', async () => {
    const { session } = await open.service.create({ userId: 'ada' });
    expect(await open.service.get(session.id)).toBeUndefined();
    expect(await open.service.destroy(session.id)).toBe(false);
  });

  it.each([[''], [undefined], [7], ['a\0b']])('has no user %j', async (userId) => {
    await expect(open.service.list(userId as string)).rejects.toMatchObject({ code: /^INVALID_/ });
    await expect(open.service.login(undefined, { userId: userId as string })).rejects.toThrow();
  });

  it('outlives a server that has forgotten its scripts', async () => {
    const { token } = await open.service.create({ userId: 'ada' });
    for (const primary of open.connection.topology.primaries()) await primary.script('FLUSH');
    expect(await open.service.set(token, { visits: 1 })).toBe(true);
    await eventually(async () => expect(await open.service.getField(token, 'visits')).toBe(1));
  });
});
