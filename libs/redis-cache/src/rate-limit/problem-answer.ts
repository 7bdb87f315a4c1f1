import type { ServerResponse } from 'node:http';
import onHeaders from 'on-headers';

/**
 * Has an answer that is about to be refused say that its JSON is a problem (RFC 9457). Only when its headers are written:
 * Nest 11 takes a type that was set before for a mistake, logs it and replaces it.
 */
export function answerAsProblem(response: ServerResponse): void {
  onHeaders(response, () => {
    const type = String(response.getHeader('Content-Type'));
    if (response.statusCode === 429 && type.startsWith('application/json'))
      response.setHeader('Content-Type', type.replace('json', 'problem+json'));
  });
}
