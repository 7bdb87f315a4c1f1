export { groupBy } from './group-by.js';
export { messageOf } from './error-message.js';
export { type Duration, FOREVER_MS, toMs, toTtlMs, type Ttl } from './duration.js';
export {
  describeGiven,
  hideCredentials,
  refuse,
  refuseUnknownKeys,
  requireBoolean,
  requireInteger,
  requireObject,
  requireOneOf,
  requireString,
} from './option.js';
export { InvalidOptionError, NotAvailableYetError } from './option.errors.js';
export { outsideOfRequests } from './outside-of-requests.js';
export { brand, isRedisCacheError, RedisCacheError } from './redis-cache.error.js';
export { type RetryPolicy, retryAfter } from './retry.js';
export { shown } from './shown.js';
export { sum } from './sum.js';
