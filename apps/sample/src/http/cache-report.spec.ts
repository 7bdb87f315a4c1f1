import { CacheReport } from './cache-report.js';

describe('CacheReport', () => {
  it('says nothing about a request that read nothing', () => {
    expect(new CacheReport().headers()).toEqual({});
  });

  it('is a HIT, as old as its oldest part, when every read was one', () => {
    const report = new CacheReport();
    report.hit(3_999);
    report.hit(1_000);
    expect(report.headers()).toEqual({ 'X-Cache': 'HIT', Age: '3' });
  });

  it('is a MISS as soon as one read was one', () => {
    const report = new CacheReport();
    report.hit(2_000);
    report.miss();
    report.hit(1_000);
    expect(report.headers()).toEqual({ 'X-Cache': 'MISS', Age: '2' });
  });

  it('is new when everything was loaded just now', () => {
    const report = new CacheReport();
    report.miss();
    expect(report.headers()).toEqual({ 'X-Cache': 'MISS', Age: '0' });
  });
});
