import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { RedisClient, ResolvedConnection } from './connection.options.js';

type Setting = readonly [option: string, found: unknown, wanted: unknown];

/**
 * Warns of a client that the user brought and that sends a command again after a lost connection, although it may have
 * run: ioredis does so unless it is told not to.
 */
export function warnOfResending({ name, target }: ResolvedConnection): string[] {
  if (target.kind !== 'client') return [];
  const settings = settingsThatResend(target.client);
  if (settings.length === 0) return [];
  const found = settings.map(([option, value]) => `${option} is ${String(value)}`).join(', ');
  const wanted = settings.map(([option, , value]) => `${option}: ${String(value)}`).join(', ');
  return [
    `The client of the connection "${name}" sends commands again that may have run, such as writes, when the connection ` +
      `is lost (${found}). Create it with ${wanted}: then we send again what may be sent twice, and nothing else.`,
  ];
}

function settingsThatResend(client: RedisClient): readonly Setting[] {
  if (!client.isCluster) return settingsOfServer((client as { options: RedisOptions }).options, '');
  const options = (client as { options: ClusterOptions }).options;
  return [...settingsOfCluster(options), ...settingsOfNodes(options)];
}

/** Each of the two is enough to stop it; without a retryStrategy the client never connects again. */
function settingsOfServer(options: RedisOptions, path: string): readonly Setting[] {
  const { maxRetriesPerRequest = 20, autoResendUnfulfilledCommands = true, retryStrategy } = options;
  if (maxRetriesPerRequest === 0 || !autoResendUnfulfilledCommands || retryStrategy === null) return [];
  return [
    [`${path}maxRetriesPerRequest`, maxRetriesPerRequest, 0],
    [`${path}autoResendUnfulfilledCommands`, autoResendUnfulfilledCommands, false],
  ];
}

/** A command that was under way to a node that went is sent to another one, after this pause. */
function settingsOfCluster({ retryDelayOnFailover = 100 }: ClusterOptions): readonly Setting[] {
  return retryDelayOnFailover > 0 ? [['retryDelayOnFailover', retryDelayOnFailover, 0]] : [];
}

/** The clients of the nodes connect again by themselves only with a strategy of their own. */
function settingsOfNodes(options: ClusterOptions & { clusterNodeRetryStrategy?: unknown }): readonly Setting[] {
  if (typeof options.clusterNodeRetryStrategy !== 'function') return [];
  return settingsOfServer({ ...options.redisOptions, retryStrategy: undefined }, 'redisOptions.');
}
