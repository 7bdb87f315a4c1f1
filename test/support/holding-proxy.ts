import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface HoldingProxy {
  readonly port: number;
  /** Keeps back the replies to commands, until they are released. What subscriptions bring passes. */
  hold(): void;
  /** How many bytes of replies are kept back. */
  heldBytes(): number;
  release(): void;
  /** Nothing passes over connections with subscriptions any more, and nobody is told. */
  silenceSubscriptions(): void;
  /** Resets the connections with subscriptions. */
  resetSubscriptions(): void;
  stop(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly target: Socket;
  subscribes: boolean;
  isSilent: boolean;
}

/** A TCP proxy in front of a Redis on this machine that lets messages overtake replies. */
export async function startHoldingProxy(targetPort: number): Promise<HoldingProxy> {
  const pairs = new Set<Pair>();
  let held: { readonly to: Socket; readonly bytes: Buffer }[] = [];
  let isHolding = false;

  const server = createServer((client) => {
    const pair: Pair = { client, target: connect(targetPort, '127.0.0.1'), subscribes: false, isSilent: false };
    const { target } = pair;
    pairs.add(pair);
    const end = (): void => {
      pairs.delete(pair);
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) socket.on('error', end).on('close', end);
    client.on('data', (request) => {
      pair.subscribes ||= /\r\nsubscribe\r\n/i.test(request.toString('latin1'));
      if (!pair.isSilent) target.write(request);
    });
    target.on('data', (reply) => {
      if (pair.isSilent) return;
      if (isHolding && !pair.subscribes) held.push({ to: client, bytes: reply });
      else client.write(reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const subscribing = (): Pair[] => [...pairs].filter(({ subscribes }) => subscribes);

  return {
    port: (server.address() as AddressInfo).port,
    hold: () => void (isHolding = true),
    heldBytes: () => held.reduce((sum, { bytes }) => sum + bytes.length, 0),
    release: () => {
      isHolding = false;
      for (const { to, bytes } of held.splice(0)) to.write(bytes);
      held = [];
    },
    silenceSubscriptions: () => subscribing().forEach((pair) => (pair.isSilent = true)),
    resetSubscriptions: () => subscribing().forEach(({ client }) => client.resetAndDestroy()),
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const { client, target } of pairs) [client, target].forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
