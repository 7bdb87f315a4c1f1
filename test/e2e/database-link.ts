import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { jest } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { Shop } from './shop.js';

/** The way of a shop to its database, on which the reply to a COMMIT can get lost. */
export interface DatabaseLink {
  /** What the shop has to be opened with. */
  readonly environment: NodeJS.ProcessEnv;
  /** The next COMMIT is carried out, but the shop does not hear of it. */
  loseNextCommitReply(shop: Shop): void;
  close(): Promise<void>;
}

export async function linkToDatabase(): Promise<DatabaseLink> {
  const { DATABASE_URL } = process.env;
  return DATABASE_URL ? proxyTo(new URL(DATABASE_URL)) : inProcess();
}

/** sql.js has no connection that could break: its driver throws when the COMMIT has been carried out. */
function inProcess(): DatabaseLink {
  return {
    environment: {},
    loseNextCommitReply: ({ app }) => {
      const runner = app.get(DataSource).createQueryRunner(); // there is but one
      const commit = runner.commitTransaction.bind(runner);
      jest.spyOn(runner, 'commitTransaction').mockImplementationOnce(async () => {
        await commit();
        throw new Error('The reply is lost.');
      });
    },
    close: async () => {},
  };
}

/** A TCP proxy in front of PostgreSQL, which resets the connection in place of the reply. */
async function proxyTo(database: URL): Promise<DatabaseLink> {
  const sockets = new Set<Socket>();
  let isFaulty = false;
  const server = createServer((client) => {
    const target = connect(Number(database.port || 5432), database.hostname);
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
      if (isFaulty && request.includes('COMMIT\0')) {
        isFaulty = false;
        dropReply = true;
      }
      target.write(request);
    });
    target.on('data', (reply) => void (dropReply ? client.resetAndDestroy() : client.write(reply)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const through = new URL(database);
  through.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    environment: { DATABASE_URL: through.href },
    loseNextCommitReply: () => void (isFaulty = true),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
