import type { SessionOptions, SessionService } from 'nestjs-redis-cache';
import type { Shopper } from './open-sessions.js';
import { type Subject, SUBJECTS } from './subjects.js';

/** Chains of logins and rotations, and names and ids that come from outside. Each holds with the fake too. */
describe.each(SUBJECTS)('sessions that have moved, whichever: %s', (_, open) => {
  let opened: Subject;
  let service: SessionService<Shopper>;
  const use = async (options: SessionOptions = {}): Promise<void> => {
    opened = await open({ touchInterval: 0, ...options });
    ({ service } = opened);
  };
  afterEach(() => opened.close());

  const rotate = async (token: string): Promise<string> => ((await service.rotate(token)) as { token: string }).token;

  it('end together with what a login and then a rotation have made of them', async () => {
    await use();
    const first = await service.login(undefined, { userId: 'kim' });
    const second = await service.login(first.token, { userId: 'kim' });
    const third = await rotate(second.token);
    expect(await service.get(first.token)).toBeDefined();
    expect(await service.destroy(third)).toBe(true);
    expect(await service.get(first.token)).toBeUndefined();
  });

  it.each(['evict-oldest', 'reject'] as const)(
    'do not count beside the login that replaces them: %s',
    async (whenFull) => {
      await use({ maxPerUser: 1, whenFull });
      const { token: old } = await service.create({ userId: 'ada', data: { cart: ['tea'] } });
      await rotate(old);
      const { token } = await service.login(old, { userId: 'ada' });
      expect((await service.get(token))?.data).toEqual({ cart: ['tea'] });
      expect(await service.count('ada')).toBe(1);
    },
  );

  it('are evicted under each of their tokens', async () => {
    await use({ maxPerUser: 1 });
    const { token: old } = await service.create({ userId: 'ada' });
    const token = await rotate(old);
    await service.create({ userId: 'ada' });
    expect([await service.get(token), await service.get(old)]).toEqual([undefined, undefined]);
  });

  it('are kept by "all the others" after any number of rotations', async () => {
    await use();
    const { token: first, session } = await service.create({ userId: 'ada' });
    let token = first;
    for (let at = 0; at < 12; at += 1) token = await rotate(token);
    await service.create({ userId: 'ada' });
    expect(await service.destroyAll('ada', { except: session.id })).toBe(1);
    expect(await service.get(token)).toBeDefined();
  });

  it('take along at a login all that they hold, also if it is more than fits together', async () => {
    await use({ maxSize: 300 });
    const { token: old } = await service.create({ userId: 'ada', data: { name: 'x'.repeat(200) } });
    const { token } = await service.login(old, { userId: 'ada', data: { cart: ['y'.repeat(200)] } });
    expect((await service.get(token))?.data).toEqual({ name: 'x'.repeat(200), cart: ['y'.repeat(200)] });
    await expect(service.set(token, { visits: 1 })).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' });
    expect(await service.unset(token, 'name')).toBe(true);
  });

  it('are as they were when a login with too much data is refused', async () => {
    await use({ maxSize: 300 });
    const { token } = await service.create({ userId: 'ada' });
    const login = service.login(token, { userId: 'ada', data: { name: 'x'.repeat(400) } });
    await expect(login).rejects.toMatchObject({ code: 'SESSION_TOO_LARGE' });
    expect(await service.set(token, { visits: 1 })).toBe(true);
  });

  it('have a field that is called like what every object has only if it was written', async () => {
    await use();
    const { token } = await service.create();
    for (const name of ['constructor', 'toString', '__proto__'] as never[]) {
      expect(await service.getField(token, name)).toBeUndefined();
      expect(await service.set(token, { [name as string]: name })).toBe(true);
      expect(await service.getField(token, name)).toBe(name);
    }
    const login = await service.login(token, { userId: 'ada' });
    expect(Object.keys(login.session.data).sort()).toEqual(['__proto__', 'constructor', 'toString']);
    expect(await service.getField(login.token, 'constructor' as never)).toBe('constructor');
  });

  it.each(['', 'x', 'zz', '00', `zz${'A'.repeat(43)}`, `00${'A'.repeat(43)}`, '__proto__', '../../etc'])(
    'are not ended by an id that is none: %j',
    async (id) => {
      await use();
      await service.create({ userId: 'ada' });
      expect(await service.destroy({ userId: 'ada', id })).toBe(false);
      expect(await service.destroyAll('ada', { except: id })).toBe(1);
    },
  );
});
