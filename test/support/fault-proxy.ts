import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** Lets the next request with this command through, and resets its connection in place of the reply. */
  dropReplyTo(command: string): void;
  /** How many connections are open through it now. */
  connections(): number;
  stop(): Promise<void>;
}

/** A TCP proxy in front of a Redis on this machine that misbehaves when told to. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let faulty: string | undefined;

  const server = createServer((client) => {
    const target = connect(targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
    let dropReply = false;
    client.on('data', (request) => {
      if (faulty !== undefined && request.toString('latin1').toLowerCase().includes(`\r\n${faulty}\r\n`)) {
        faulty = undefined;
        dropReply = true;
      }
      target.write(request);
    });
    target.on('data', (reply) => void (dropReply ? client.resetAndDestroy() : client.write(reply)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
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
