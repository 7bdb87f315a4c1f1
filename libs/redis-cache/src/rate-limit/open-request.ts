import type { ServerResponse } from 'node:http';

/** Resolves when an answer was given, or the caller has gone. Has to be called before anything is waited for. */
export function followRequest(response: ServerResponse): Promise<{ isAnswered: boolean; status: number }> {
  return new Promise((resolve) => {
    response.once('close', () => resolve({ isAnswered: response.writableFinished, status: response.statusCode }));
  });
}
