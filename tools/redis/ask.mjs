import { connect } from 'node:net';

/** The server answered, but with an error such as `NOAUTH` or `LOADING`. */
export class ErrorAnswer extends Error {}

/**
 * Sends one command over a connection of its own and resolves with the text of the answer. It understands single values,
 * which is all that PING, INFO and CLUSTER need: a server starts without loading a client library.
 *
 * @typedef {{ host: string, port: number }} Address
 *
 * @param {Address} address
 * @param {string[]} command
 * @returns {Promise<string>}
 */
export function ask({ host, port }, ...command) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    let received = '';
    socket.setEncoding('utf8');
    socket.setTimeout(2_000, () => socket.destroy(new Error(`No answer to ${command[0]} within 2 s`)));
    socket.once('connect', () => socket.write(encode(command)));
    socket.on('data', (chunk) => {
      received += chunk;
      const answer = decode(received);
      if (answer === undefined) return;
      socket.destroy();
      if (answer instanceof Error) reject(answer);
      else resolve(answer);
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`The connection was closed before the answer to ${command[0]}`)));
  });
}

/** @param {string[]} command */
function encode(command) {
  return `*${command.length}\r\n` + command.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
}

/**
 * @param {string} received
 * @returns {string | Error | undefined} undefined while the answer is incomplete
 */
function decode(received) {
  const endOfLine = received.indexOf('\r\n');
  if (endOfLine < 0) return undefined;

  const [type, line] = [received[0], received.slice(1, endOfLine)];
  if (type === '+' || type === ':') return line;
  if (type === '-') return new ErrorAnswer(line);
  if (type !== '$') return new Error(`This is not Redis: ${received.slice(0, 80)}`);

  const body = received.slice(endOfLine + 2);
  return Buffer.byteLength(body) < Number(line) + 2 ? undefined : body.slice(0, -2);
}
