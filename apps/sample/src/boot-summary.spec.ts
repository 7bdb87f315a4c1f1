import { bootFailure, bootSummary } from './boot-summary.js';

describe('bootSummary', () => {
  it('tells what the shop runs on and what can be tried', () => {
    const summary = bootSummary({
      port: 80,
      products: 10_000,
      seconds: 1.234,
      redis: 'cache:6379',
      database: 'sql.js',
    });
    expect(summary).toContain('10,000 products after 1.2 s');
    expect(summary).toMatch(
      /^ {2}Redis {6}cache:6379\n {2}Database {3}sql\.js\n {2}OpenAPI {4}http:\/\/localhost:80\/docs$/m,
    );
    expect(summary.match(/^ {2}curl -i .*http:\/\/localhost:80\/products\/42/gm)).toHaveLength(4);
  });
});

describe('bootFailure', () => {
  it('says what to do about a port that is taken', () => {
    const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 3000 });
    expect(bootFailure(error)).toMatch(/port 3000 is taken.*PORT/);
  });

  it('repeats the message of any other error', () => {
    expect(bootFailure(new Error('No luck.'))).toBe('The shop did not open: No luck.');
  });
});
