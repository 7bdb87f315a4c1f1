import { resolveRateLimitOptions } from './rate-limit.options.js';

const identify = (): string => 'somebody';
const resolve = (given?: object) => resolveRateLimitOptions('rateLimit', given);

describe('the options of rate limits', () => {
  it('have defaults', () => {
    expect(resolve()).toEqual({
      connection: 'default',
      policies: [],
      identify: undefined,
      onUnavailable: 'local',
      timeoutMs: 50,
      readableKeys: false,
      legacyHeaders: false,
    });
  });

  it('become what is given', () => {
    const given = {
      connection: 'durable',
      policies: [
        { limit: 100, window: '15m' },
        { name: 'burst', limit: () => 5, window: 500, algorithm: 'gcra' },
      ],
      identify,
      onUnavailable: 'deny',
      timeout: '1s',
      readableKeys: true,
      legacyHeaders: true,
    };
    const { policies, ...others } = resolve(given);
    expect(others).toEqual({
      connection: 'durable',
      identify,
      onUnavailable: 'deny',
      timeoutMs: 1_000,
      readableKeys: true,
      legacyHeaders: true,
    });
    expect(policies).toMatchObject([
      { name: 'default', limit: 100, window: '15m', scope: '' },
      { name: 'burst', window: 500, algorithm: 'gcra', scope: '' },
    ]);
  });

  it.each([
    ['rateLimit.connection', { connection: '' }],
    ['rateLimit.policies', { policies: { limit: 1, window: 1 } }],
    ['rateLimit.policies(default).limit', { policies: [{ window: '1m' }] }],
    ['rateLimit.policies(default).limit', { policies: [{ limit: '5', window: '1m' }] }],
    ['rateLimit.policies(default).window', { policies: [{ limit: 5 }] }],
    ['rateLimit.policies(default).window', { policies: [{ limit: 5, window: '2 years' }] }],
    ['rateLimit.policies(default).burst', { policies: [{ limit: 5, window: '1m', burst: 9 }] }],
    ['rateLimit.policies(default).skip', { policies: [{ limit: 5, window: '1m', skip: true }] }],
    ['rateLimit.policies(default).cost', { policies: [{ limit: 5, window: '1m', cost: 0.5 }] }],
    ['rateLimit.policies(default).countOnly', { policies: [{ limit: 5, window: '1m', countOnly: 'errors' }] }],
    ['rateLimit.policies(default).blockDuration', { policies: [{ limit: 5, window: '1m', blockDuration: 0 }] }],
    ['rateLimit.policies.name', { policies: [{ name: '"', limit: 5, window: '1m' }] }],
    [
      'rateLimit.policies',
      {
        policies: [
          { limit: 5, window: '1m' },
          { limit: 6, window: '1m' },
        ],
      },
    ],
    ['rateLimit.identify', { identify: 'user' }],
    ['rateLimit.onUnavailable', { onUnavailable: 'throw' }],
    ['rateLimit.timeout', { timeout: 0 }],
    ['rateLimit.readableKeys', { readableKeys: 'yes' }],
    ['rateLimit.legacyHeaders', { legacyHeaders: 1 }],
    ['rateLimit.max', { max: 5 }],
  ])('name %s when it is wrong', (option, given) => {
    expect(() => resolve(given)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }));
  });
});
