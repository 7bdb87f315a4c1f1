import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** Lets the next request through and resets the connection in place of its reply. */
  dropNextReply(): void;
  /** How many connections are open through it now. */
  connections(): number;
  stop(): Promise<void>;
}

/** A TCP proxy in front of a Redis on this machine that misbehaves when told to. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  let dropReply = false;

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
    client.on('data', (request) => target.write(request));
    target.on('data', (reply) => {
      if (!dropReply) return void client.write(reply);
      dropReply = false;
      client.resetAndDestroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    dropNextReply: () => void (dropReply = true),
    connections: () => sockets.size / 2,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
