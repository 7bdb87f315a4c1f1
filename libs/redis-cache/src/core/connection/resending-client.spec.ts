import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import { warnOfResending } from './resending-client.js';
import { resolveConnection } from './resolve-connection.js';

const strategy = (): number => 100;
const server = (options: RedisOptions) => new Redis({ lazyConnect: true, ...options });
const cluster = (options: ClusterOptions) => new Cluster(['h:1'], { lazyConnect: true, ...options });
const nodes = (redisOptions: NonNullable<ClusterOptions['redisOptions']>) =>
  cluster({ retryDelayOnFailover: 0, clusterNodeRetryStrategy: strategy, redisOptions });
const warningsOf = (options: object) => warnOfResending(resolveConnection('connections.mine', 'mine', options));

describe('a client of the user that sends again what may have run', () => {
  const both = 'maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false';
  const ofNodes = 'redisOptions.maxRetriesPerRequest: 0, redisOptions.autoResendUnfulfilledCommands: false';

  it.each<[found: string, wanted: string, client: Redis | Cluster]>([
    ['maxRetriesPerRequest is 20, autoResendUnfulfilledCommands is true', both, server({})],
    ['maxRetriesPerRequest is null, autoRes', both, server({ maxRetriesPerRequest: null })],
    ['maxRetriesPerRequest is 1, autoRes', both, server({ maxRetriesPerRequest: 1 })],
    ['retryDelayOnFailover is 100', 'retryDelayOnFailover: 0', cluster({})],
    ['redisOptions.maxRetriesPerRequest is 20, redisOptions.autoRes', ofNodes, nodes({})],
    ['redisOptions.maxRetriesPerRequest is 3', ofNodes, nodes({ maxRetriesPerRequest: 3 })],
  ])('is warned of, with what was found: %s', (found, wanted, client) => {
    expect(warningsOf({ client })).toEqual([
      expect.stringMatching(/^The client of the connection "mine" sends commands again/),
    ]);
    expect(warningsOf({ client })[0]).toContain(`(${found}`);
    expect(warningsOf({ client })[0]).toContain(`Create it with ${wanted}: `);
  });

  it.each<[options: string, client: Redis | Cluster]>([
    ['maxRetriesPerRequest', server({ maxRetriesPerRequest: 0 })],
    ['autoResendUnfulfilledCommands', server({ autoResendUnfulfilledCommands: false })],
    ['no retryStrategy', server({ retryStrategy: null })],
    ['retryDelayOnFailover', cluster({ retryDelayOnFailover: 0 })],
    ['redisOptions that no node connects again with', cluster({ retryDelayOnFailover: 0, redisOptions: {} })],
    ['redisOptions.maxRetriesPerRequest', nodes({ maxRetriesPerRequest: 0 })],
  ])('is another than one with %s', (_, client) => {
    expect(warningsOf({ client })).toEqual([]);
  });

  it('is none that we made', () => {
    expect([...warningsOf({ host: 'h' }), ...warningsOf({ cluster: ['h:1'] })]).toEqual([]);
  });
});
