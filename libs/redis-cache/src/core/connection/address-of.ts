import type { Redis } from 'ioredis';

/** Where a client leads to: what tells the primaries of a cluster from each other. */
export function addressOf({ options }: Redis): string {
  return options.path ?? `${options.host}:${options.port}`;
}
