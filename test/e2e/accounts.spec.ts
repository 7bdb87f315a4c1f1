import { RedisConnection } from 'nestjs-redis-cache';
import request from 'supertest';
import { openShop, type Shop } from './shop.js';

const password = 'correct horse battery staple';

interface Device {
  readonly id: string;
  readonly device: string;
  readonly isThisOne: boolean;
}

describe('accounts of the shop', () => {
  let shop: Shop;
  let url: string;

  beforeAll(async () => {
    shop = await openShop();
    url = await shop.app.getUrl();
  });
  afterAll(() => shop.app.close());

  /** A browser: it keeps its cookies. */
  const browser = (userAgent: string) => request.agent(url).set('user-agent', userAgent);

  it('take the cart along from before the login', async () => {
    const ada = browser('desk');
    await ada.get('/cart').expect(200, []);
    await ada.post('/cart').send({ productId: 42, quantity: 2 }).expect(200);
    await ada.get('/account').expect(401);
    await ada.post('/accounts').send({ email: 'ada@shop.example', password }).expect(201);
    await ada.get('/account').expect(200, { email: 'ada@shop.example' });
    await ada.get('/cart').expect(200, [{ productId: 42, quantity: 2 }]);
    await ada.post('/accounts').send({ email: 'ada@shop.example', password }).expect(409);
    await ada.delete('/session').expect(204);
    await ada.get('/account').expect(401);
    await ada.get('/cart').expect(200, []);
    await ada.post('/session').send({ email: 'ada@shop.example', password: 'wrong password' }).expect(401);
    await ada.post('/session').send({ email: 'nobody@shop.example', password }).expect(401);
    await ada.post('/session').send({ email: 'ada@shop.example', password }).expect(200);
    await ada.get('/account').expect(200);
  });

  it('have addresses of their own, also when several want one at the same moment', async () => {
    const wants = (name: string) =>
      browser(name)
        .post('/accounts')
        .send({ email: 'wanted@shop.example', password })
        .then(({ status }) => status);
    expect((await Promise.all(['one', 'two', 'three'].map(wants))).sort()).toEqual([201, 409, 409]);
  });

  it('show their devices, and log out one, the others, and all', async () => {
    const credentials = { email: 'bob@shop.example', password };
    const [desk, phone, tablet] = [browser('desk'), browser('phone'), browser('tablet')];
    await desk.post('/accounts').send(credentials).expect(201);
    for (const other of [phone, tablet]) await other.post('/session').send(credentials).expect(200);

    const devices = (await desk.get('/devices').expect(200)).body as Device[];
    const names = devices.map(({ device }) => device).sort();
    expect(names).toEqual(['desk', 'phone', 'tablet']);
    const { id } = devices.find(({ device }) => device === 'phone')!;
    expect(devices.filter(({ isThisOne }) => isThisOne)).toMatchObject([{ device: 'desk' }]);

    const stranger = browser('stranger');
    await stranger.post('/accounts').send({ email: 'eve@shop.example', password }).expect(201);
    for (const unknown of [id, 'zz', 'x'.repeat(45)]) await stranger.delete(`/devices/${unknown}`).expect(404);
    await phone.get('/account').expect(200);

    await desk.delete(`/devices/${id}`).expect(204);
    await phone.get('/account').expect(401);
    await tablet.get('/account').expect(200);
    await desk.delete('/devices/others').expect(204);
    await tablet.get('/account').expect(401);
    await desk.get('/account').expect(200);
    await desk.delete('/devices').expect(204);
    await desk.get('/account').expect(401);
    await stranger.get('/account').expect(200);
  });

  it('change the address only after a fresh login', async () => {
    const zoe = browser('desk');
    await zoe.patch('/account/email').send({ email: 'z@shop.example' }).expect(401);
    await zoe.post('/accounts').send({ email: 'zoe@shop.example', password }).expect(201);
    await zoe.patch('/account/email').send({ email: 'z@shop.example' }).expect(200);
    await zoe.get('/account').expect(200, { email: 'z@shop.example' });

    await letLoginsAge(6 * 60_000);
    const refused = await zoe.patch('/account/email').send({ email: 'y@shop.example' }).expect(401);
    expect(refused.body).toMatchObject({ code: 'FRESH_LOGIN_REQUIRED', maxAgeSeconds: 300 });
    await zoe.get('/account').expect(200, { email: 'z@shop.example' });
    await zoe.post('/session').send({ email: 'z@shop.example', password }).expect(200);
    await zoe.patch('/account/email').send({ email: 'y@shop.example' }).expect(200);
  });

  /** In Redis, in place of waiting. */
  async function letLoginsAge(ms: number): Promise<void> {
    const { client } = shop.app.get(RedisConnection);
    const found = await client.keys(`${shop.keyPrefix}*:session:id:*`);
    for (const key of found) {
      const created = Number(await client.hget(key, 'created'));
      if (created > 0) await client.hset(key, 'created', created - ms);
    }
  }
});
