import { randomBytes } from 'node:crypto';

const PROCESS = randomBytes(9).toString('base64url');
let requests = 0;

/** An id that no other request of any process has. */
export function nextRequestId(): string {
  requests += 1;
  return `${PROCESS}${requests.toString(36)}`;
}
