/** The part of Node's `ServerResponse` that tells how an answer ended. */
export interface RawResponse {
  readonly statusCode: number;
  readonly writableFinished: boolean;
  once(event: 'close', listener: () => void): unknown;
}

/** Resolves when an answer was given, or the caller has gone. Has to be called before anything is waited for. */
export function followRequest(response: RawResponse): Promise<{ isAnswered: boolean; status: number }> {
  return new Promise((resolve) => {
    response.once('close', () => resolve({ isAnswered: response.writableFinished, status: response.statusCode }));
  });
}
