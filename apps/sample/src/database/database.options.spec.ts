import { databaseOptions, describeDatabase } from './database.options.js';

const URL_WITH_PASSWORD = 'postgres://ada:secret@db:5432/shop';

describe('the database', () => {
  it('is in memory by default', () => {
    expect(databaseOptions(undefined)).toMatchObject({ type: 'sqljs' });
    expect(describeDatabase(undefined)).toContain('in memory');
  });

  it('is PostgreSQL when an address is given', () => {
    expect(databaseOptions(URL_WITH_PASSWORD)).toMatchObject({ type: 'postgres', url: URL_WITH_PASSWORD });
  });

  it('is described without user and password', () => {
    expect(describeDatabase(URL_WITH_PASSWORD)).toBe('PostgreSQL at db:5432/shop');
    expect(describeDatabase('postgres://ada:secret@')).toBe('PostgreSQL');
  });
});
