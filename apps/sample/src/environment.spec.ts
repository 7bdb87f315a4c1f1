import { readEnvironment } from './environment.js';

describe('readEnvironment', () => {
  it.each([{}, { PORT: '', DATABASE_URL: '' }])('opens on port 3000 and in memory by default: %j', (variables) => {
    expect(readEnvironment(variables)).toMatchObject({ PORT: '3000', DATABASE_URL: undefined });
  });

  it.each(['postgres://localhost/shop', 'postgresql://ada:secret@db:5432/shop'])('accepts %s', (url) => {
    expect(readEnvironment({ PORT: '8080', DATABASE_URL: url })).toMatchObject({ PORT: '8080', DATABASE_URL: url });
  });

  it.each(['http', '-1', '65536', '3000.5'])('refuses the port %s', (port) => {
    expect(() => readEnvironment({ PORT: port })).toThrow('PORT must be');
  });

  it('takes the time that Redis has for a rate limit, or leaves it to the library', () => {
    expect(readEnvironment({}).RATE_LIMIT_TIMEOUT).toBeUndefined();
    expect(readEnvironment({ RATE_LIMIT_TIMEOUT: '250ms' }).RATE_LIMIT_TIMEOUT).toBe('250ms');
    expect(() => readEnvironment({ RATE_LIMIT_TIMEOUT: 'soon' })).toThrow('RATE_LIMIT_TIMEOUT must be');
  });

  it('names every wrong variable, and shows no password', () => {
    const read = () => readEnvironment({ PORT: 'x', DATABASE_URL: 'mysql://ada:secret@db/shop' });
    expect(read).toThrow(/^PORT must be .*, DATABASE_URL must look like .*\.$/);
    expect(read).not.toThrow(/secret/);
  });
});
