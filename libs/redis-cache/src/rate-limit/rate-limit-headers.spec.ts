import { parseDictionary, parseList } from 'structured-headers';
import type { RateLimitDecision, RateLimitStatus } from './rate-limit-decision.js';
import { type AnnouncedPolicy, legacyHeaders, rateLimitHeaders } from './rate-limit-headers.js';

const announce = (policy: string, given: Partial<AnnouncedPolicy> = {}): AnnouncedPolicy => ({
  ...{ policy, limit: 5, windowMs: 60_000, isConcurrency: false, isFinal: true },
  ...given,
});

const status = (policy: string, given: Partial<RateLimitStatus> = {}): RateLimitStatus => ({
  ...{ policy, limit: 5, windowMs: 60_000, isConcurrency: false, remaining: 3, retryAfterMs: 0 },
  ...given,
});

const decide = (...limits: RateLimitStatus[]): RateLimitDecision => {
  const violated = limits.filter(({ retryAfterMs }) => retryAfterMs > 0);
  return {
    isAllowed: violated.length === 0,
    retryAfterMs: Math.max(0, ...violated.map(({ retryAfterMs }) => retryAfterMs)),
    limits,
    violated: violated.map(({ policy }) => policy),
    decidedBy: 'redis',
  };
};

const headers = (announced: AnnouncedPolicy[], decision: RateLimitDecision): Record<string, string> =>
  Object.fromEntries(rateLimitHeaders(announced, decision));

describe('the headers of limits', () => {
  it('are lists of texts with parameters, in whole seconds that are never too few', () => {
    const { 'RateLimit-Policy': policies, RateLimit: limits } = headers(
      [announce('a'), announce('b.c-d', { windowMs: 1_001 }), announce('slots', { isConcurrency: true, limit: 2 })],
      decide(status('a', { nextMs: 1 }), status('b.c-d', { nextMs: 59_001 }), status('slots')),
    );
    const read = (text = '') => parseList(text).map(([item, parameters]) => [item, Object.fromEntries(parameters)]);
    expect(read(policies)).toEqual([
      ['a', { q: 5, w: 60 }],
      ['b.c-d', { q: 5, w: 2 }],
      ['slots', { q: 2, qu: 'concurrent-requests' }],
    ]);
    expect(read(limits)).toEqual([
      ['a', { r: 3, t: 1 }],
      ['b.c-d', { r: 3, t: 60 }],
      ['slots', { r: 3 }],
    ]);
    expect(() => parseDictionary(policies!)).toThrow(); // the parser is able to refuse
  });

  it('tell who is refused to wait for all that refuse', () => {
    const refused = decide(status('a', { remaining: 0, retryAfterMs: 1_200, nextMs: 1_200 }), status('b'));
    expect(headers([announce('a'), announce('b')], refused)['Retry-After']).toBe('2');
    const twice = decide(status('a', { retryAfterMs: 1_200 }), status('b', { retryAfterMs: 30_000 }));
    expect(headers([announce('a'), announce('b')], twice)['Retry-After']).toBe('30');
  });

  it('tell who has taken the last unit to wait for another, unless this one may be given back', () => {
    const last = decide(status('a', { remaining: 0, nextMs: 4_500 }), status('b', { nextMs: 59_000 }));
    expect(headers([announce('a'), announce('b')], last)['Retry-After']).toBe('5');
    expect(headers([announce('a', { isFinal: false }), announce('b')], last)).not.toHaveProperty('Retry-After');
    expect(headers([announce('a')], decide(status('a', { nextMs: 4_500 })))).not.toHaveProperty('Retry-After');
  });

  it('are left out when there is nothing to tell', () => {
    expect(headers([announce('a')], { ...decide(), decidedBy: 'policy' })).toEqual({
      'RateLimit-Policy': '"a";q=5;w=60',
    });
  });

  it('of old are those of the policy with the least left', () => {
    const decision = decide(status('a', { remaining: 2 }), status('b', { limit: 9, remaining: 1, nextMs: 100 }));
    expect(legacyHeaders(decision)).toEqual([
      ['X-RateLimit-Limit', '9'],
      ['X-RateLimit-Remaining', '1'],
      ['X-RateLimit-Reset', '1'],
    ]);
    expect(legacyHeaders(decide())).toEqual([]);
  });
});
