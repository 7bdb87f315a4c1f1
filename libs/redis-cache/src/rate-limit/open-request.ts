import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream';

export interface Ending {
  readonly isAnswered: boolean;
  readonly status: number;
}

/** Resolves when an answer was given, or the caller has gone; also when that was before. */
export function followRequest(response: ServerResponse): Promise<Ending> {
  return new Promise((resolve) => {
    // Not writableFinished: what is injected into Fastify has no socket, and is never flushed.
    finished(response, () => resolve({ isAnswered: response.writableEnded, status: response.statusCode }));
  });
}
