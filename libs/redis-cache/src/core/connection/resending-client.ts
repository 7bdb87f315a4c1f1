import type { ClusterOptions, RedisOptions } from 'ioredis';
import type { ConnectionTarget, RedisClient, ResolvedConnection } from './connection.options.js';

type Setting = readonly [option: string, found: unknown, wanted: unknown];
type ServerSettings = { [K in 'maxRetriesPerRequest' | 'autoResendUnfulfilledCommands' | 'retryStrategy']?: unknown };

/** Those of ioredis: the options of a cluster's nodes do not show them. */
const DEFAULTS = { maxRetriesPerRequest: 20, autoResendUnfulfilledCommands: true };

/**
 * Warns of a client that the user brought and that sends a command again after a lost connection, although it may have
 * run: ioredis does so unless it is told not to.
 */
export function warnOfResending({ name, target }: ResolvedConnection): string[] {
  const settings = settingsThatResend(target);
  if (settings.length === 0) return [];
  const found = settings.map(([option, value]) => `${option} is ${String(value)}`).join(', ');
  const wanted = settings.map(([option, , value]) => `${option}: ${String(value)}`).join(', ');
  return [
    `The client of the connection "${name}" sends commands again that may have run, such as writes, when the connection ` +
      `is lost (${found}). Create it with ${wanted}: then we send again what may be sent twice, and nothing else.`,
  ];
}

export function clientSendsCopies({ target }: ResolvedConnection): boolean {
  return settingsThatResend(target).length > 0;
}

function settingsThatResend(target: ConnectionTarget): readonly Setting[] {
  return target.kind === 'client' ? settingsOf(target.client) : [];
}

function settingsOf(client: RedisClient): readonly Setting[] {
  if (!client.isCluster) return settingsOfServer(client.options as RedisOptions);
  const { retryDelayOnFailover, clusterNodeRetryStrategy, redisOptions = {} } = client.options as ClusterOptions;
  const ofNodes = settingsOfServer({ ...DEFAULTS, ...redisOptions, retryStrategy: clusterNodeRetryStrategy ?? null });
  return [
    // To another node, when the one it was under way to has gone.
    ...(Number(retryDelayOnFailover) > 0 ? [['retryDelayOnFailover', retryDelayOnFailover, 0] as const] : []),
    ...ofNodes.map(([option, found, wanted]) => [`redisOptions.${option}`, found, wanted] as const),
  ];
}

/** Each of the two is enough to stop it; and a client without a strategy never connects again. */
function settingsOfServer(options: ServerSettings): readonly Setting[] {
  const { maxRetriesPerRequest, autoResendUnfulfilledCommands, retryStrategy } = options;
  const isResending = maxRetriesPerRequest !== 0 && autoResendUnfulfilledCommands !== false;
  if (!isResending || typeof retryStrategy !== 'function') return [];
  return [
    ['maxRetriesPerRequest', maxRetriesPerRequest, 0],
    ['autoResendUnfulfilledCommands', autoResendUnfulfilledCommands, false],
  ];
}
