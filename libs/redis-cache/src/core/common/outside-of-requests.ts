import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Runs work outside of the request (transaction, tenant, trace) that happened to start it. Taken while the module is
 * loaded, when no request is under way.
 */
export const outsideOfRequests: <T>(work: () => T) => T = AsyncLocalStorage.snapshot();
