import { parseList } from 'structured-headers';
import { openShop, type Shop } from './shop.js';

describe('rate limits', () => {
  let shop: Shop;

  beforeEach(async () => {
    // Redis decides here, however busy the machine is.
    shop = await openShop({ RATE_LIMIT_TIMEOUT: '10s' });
  });
  afterEach(() => shop.app.close());

  const exportAs = (key: string) => shop.http.get('/exports/categories/backpacks').set('X-Api-Key', key);

  it('let an address search sixty times a minute, and others go on', async () => {
    for (let time = 0; time < 60; time += 1) await shop.http.get('/products/search?q=lamp').expect(200);
    const { body, headers } = await shop.http.get('/products/search?q=lamp').expect(429);
    expect(body).toMatchObject({ status: 429, 'violated-policies': ['search'] });
    expect(headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    await shop.http.get('/products/1').expect(200);
  });

  it('let customers export as often as their plan says, without its being spent on what is refused', async () => {
    for (let time = 0; time < 3; time += 1) await exportAs('demo-free').expect(200);
    const { body } = await exportAs('demo-free').expect(429);
    expect(body).toMatchObject({ 'violated-policies': ['exports'] });
    const { headers, text } = await exportAs('demo-pro').expect(200);
    expect(text).toMatch(/^id,stock\n\d+,\d+/);
    const left = parseList(headers['ratelimit']!).map(([name, parameters]) => [name, parameters.get('r')]);
    expect(left).toEqual([
      ['exports', 59],
      ['running-exports', 1],
    ]);
  });

  it('let nobody try a sixth password for an account from one address, and everybody log in who knows it', async () => {
    const password = 'correct horse battery staple';
    const logIn = (email: string, tried: string) => shop.http.post('/session').send({ email, password: tried });
    for (const email of ['guessed@shop.example', 'known@shop.example'])
      await shop.http.post('/accounts').send({ email, password }).expect(201);
    for (let time = 0; time < 5; time += 1) await logIn('guessed@shop.example', 'wrong password').expect(401);
    const { body } = await logIn('guessed@shop.example', password).expect(429);
    expect(body).toMatchObject({ status: 429, 'violated-policies': ['login-pair'] });
    for (let time = 0; time < 8; time += 1) await logIn('known@shop.example', password).expect(200);
  });

  it('let a customer run two exports at the same time', async () => {
    const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await exportAs('demo-pro')).status));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(statuses.every((status) => status === 200 || status === 429)).toBe(true);
    await exportAs('demo-pro').expect(200);
  });
});
