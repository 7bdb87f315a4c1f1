import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * What becomes of what passes through: `delay`, it is late; `drop replies`, requests arrive and replies do not; `black
 * hole`, nothing arrives; `reset`, connections break as soon as they are used; `loading`, every command is answered as
 * by a server that reads its file.
 */
export type Fault = 'none' | 'delay' | 'drop replies' | 'black hole' | 'reset' | 'loading';

export interface FaultProxy {
  readonly port: number;
  /** From now on, for connections that are open too. */
  misbehave(fault: Fault): void;
  /** Lets the next request with this command through, and resets its connection in place of the reply. */
  dropReplyTo(command: string): void;
  /** How many connections are open through it now. */
  connections(): number;
  stop(): Promise<void>;
}

const DELAY_MS = 60;
const LOADING = '-LOADING Redis is loading the dataset in memory\r\n';

/** A TCP proxy in front of a Redis on this machine that misbehaves when told to. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let fault: Fault = 'none';
  let faulty: string | undefined;

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    let dropReply = false;
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        // The reply that was dropped may be one to an earlier request: the server still reads this one to its end.
        if (dropReply) to.end();
        else to.destroy();
      });
    }
    client.on('data', (request) => {
      if (faulty !== undefined && request.toString('latin1').toLowerCase().includes(`\r\n${faulty}\r\n`)) {
        faulty = undefined;
        dropReply = true;
      }
      if (fault === 'reset') client.resetAndDestroy();
      else if (fault === 'loading') client.write(LOADING.repeat(commandsIn(request)));
      else if (fault === 'delay') setTimeout(() => target.writable && target.write(request), DELAY_MS);
      else if (fault !== 'black hole') target.write(request);
    });
    target.on('data', (reply) => {
      if (dropReply) client.resetAndDestroy();
      else if (fault !== 'drop replies' && fault !== 'black hole') client.write(reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    misbehave: (next) => {
      // A stream in which something is missing is of no use to anybody.
      if (next === 'none') sockets.forEach((socket) => socket.destroy());
      fault = next;
    },
    dropReplyTo: (command) => void (faulty = command),
    connections: () => sockets.size / 2,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

/** As many as begin in it: an array whose first element is a text. */
function commandsIn(request: Buffer): number {
  return request.toString('latin1').match(/\*\d+\r\n\$\d+\r\n/g)?.length ?? 0;
}
