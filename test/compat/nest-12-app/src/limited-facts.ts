import { get, type IncomingMessage } from 'node:http';

/** More than two are let in when Redis is slow: then the process counts too. */
const MORE_THAN_ENOUGH = 8;

/** What a caller of this application sees of its limits. */
export async function collectLimitedFacts(url: string) {
  const first = await ask(`${url}/limited`);
  let last = first;
  for (let request = 1; request < MORE_THAN_ENOUGH; request += 1) last = await ask(`${url}/limited`);
  const free = await ask(`${url}/limited/free`);
  return {
    limitedStatuses: [first.statusCode, last.statusCode, free.statusCode],
    policies: [first.headers['ratelimit-policy'], last.headers['ratelimit-policy'], free.headers['ratelimit-policy']],
    problem: last.headers['content-type']?.split(';')[0],
  };
}

/** Without an agent, which would keep the socket. */
function ask(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (answer) => answer.resume().once('end', () => resolve(answer))).once('error', reject);
  });
}
