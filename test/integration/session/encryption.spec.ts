import { randomBytes } from 'node:crypto';
import type { ConnectionOptions, SessionOptions } from 'nestjs-redis-cache';
import { describeEachTopology } from '../../support/topologies.js';
import { uniquePrefix } from '../../support/test-app.js';
import { OpenSessions } from './open-sessions.js';

const newKey = (): string => randomBytes(32).toString('base64');
const [first, second] = [newKey(), newKey()];

const data = { name: 'Ada Lovelace', cart: ['a book of numbers'] };
const device = { name: 'the desk upstairs', userAgent: 'a rare browser', ip: '192.0.2.7' };
const PRIVATE = [...['Lovelace', 'Bath', 'book', 'numbers', 'desk', 'rare', '192.0', 'Countess'], first.slice(0, 12)];

describeEachTopology('sessions encrypted at rest', ({ connection }) => {
  const opened: OpenSessions[] = [];
  const keyPrefix = uniquePrefix();
  afterAll(async () => {
    for (const open of opened) await open.close();
  });

  it('are in Redis without what they hold', async () => {
    const open = await openWith(connection, [first]);
    const before = await open.service.create({ data: { cart: data.cart }, device });
    const { token } = await open.service.login(before.token, { userId: 'ada', data: { name: data.name }, device });
    await open.service.set(token, { name: 'Countess of Lovelace' });
    await open.service.update(token, () => ({ cart: ['a book of numbers', 'Bath salts'] }));
    const rotated = (await open.service.rotate(token)) as { token: string };

    const kept = await everythingIn(open);
    expect(kept).toContain('d:cart'); // names of fields can be read
    for (const word of PRIVATE) expect(kept).not.toContain(word);
    expect(await open.service.get(rotated.token)).toMatchObject({
      device,
      data: { name: 'Countess of Lovelace', cart: ['a book of numbers', 'Bath salts'] },
    });
    expect(await open.service.list('ada')).toMatchObject([{ device }]);

    const plain = await openWith(connection, undefined);
    await plain.service.create({ data, device });
    const readable = await everythingIn(plain);
    for (const word of ['Lovelace', 'numbers', '192.0']) expect(readable).toContain(word);
  });

  it('are read with the key that encrypted them, also when a newer one stands before it', async () => {
    const old = await openWith(connection, [first]);
    const { token, session } = await old.service.create({ userId: 'bob', data, device });
    const both = await openWith(connection, [second, first]);
    expect(await both.service.get(token)).toEqual(session);
    await both.service.set(token, { visits: 7 });

    const without = await openWith(connection, [second]);
    const unreadable = without.collect('session:undecodable');
    const read = await without.service.get(token);
    expect(read).toMatchObject({ userId: 'bob', data: { visits: 7 }, device: {} });
    expect(unreadable.map(({ field }) => field).sort()).toEqual(['cart', 'name']);
    expect(Object.keys(read!.data)).toEqual(['visits']);
  });

  it('are not read where somebody has moved them in Redis', async () => {
    const open = await openWith(connection, [first]);
    const { token, session } = await open.service.create({ data: { name: 'user', cart: [] } });
    const key = (await open.keys()).find((found) => found.endsWith(session.id.slice(2)))!;
    const name = await open.connection.client.hgetBuffer(key, 'd:name');
    await open.connection.client.hset(key, 'd:cart', name!);
    expect((await open.service.get(token))?.data).toEqual({ name: 'user' });
  });

  async function openWith(to: ConnectionOptions, keys: readonly string[] | undefined): Promise<OpenSessions> {
    const options: SessionOptions = keys === undefined ? {} : { encryption: { keys } };
    const open = await OpenSessions.on(to, options, keyPrefix);
    opened.push(open);
    return open;
  }

  async function everythingIn(open: OpenSessions): Promise<string> {
    const { client } = open.connection;
    const hashes = (await open.keys()).filter((key) => key.includes(':id:'));
    const found = await Promise.all(hashes.map((key) => client.hgetallBuffer(key)));
    return found
      .flatMap((fields) => Object.entries(fields))
      .map(([name, value]) => `${name}=${value.toString('latin1')}`)
      .join('\n');
  }
});
