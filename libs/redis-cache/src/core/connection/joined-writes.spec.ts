import { Writable } from 'node:stream';
import type { RedisClient } from './connection.options.js';
import { JoinedWrites } from './joined-writes.js';

/** A socket that notes how many commands left in each write. */
class Socket extends Writable {
  readonly writes: number[] = [];

  override _write(_chunk: unknown, _encoding: string, done: () => void): void {
    this.writes.push(1);
    done();
  }

  override _writev(chunks: readonly unknown[], done: () => void): void {
    this.writes.push(chunks.length);
    done();
  }
}

describe('joined writes', () => {
  const prepare = (stream = new Socket()) => {
    const client = { stream } as unknown as RedisClient;
    const writes = new JoinedWrites();
    const send = (...commands: readonly string[]) =>
      writes.join(client, async () => commands.forEach((command) => stream.write(command)));
    return { stream, client, writes, send };
  };

  it('let the first call of a tick go at once, as one, and all others together', async () => {
    const { stream, send } = prepare();
    const first = send('a', 'b');
    expect(stream.writes).toEqual([2]);
    await first;
    await Promise.all([send('c'), send('d', 'e'), Promise.resolve().then(() => send('f'))]);
    expect(stream.writes).toEqual([2]);
    await new Promise(setImmediate);
    expect(stream.writes).toEqual([2, 4]);
    await send('g');
    expect(stream.writes).toEqual([2, 4, 1]);
  });

  it('hold nothing back when a call throws', async () => {
    const { stream, client, writes, send } = prepare();
    const refuse = (): never => {
      throw new Error('refused');
    };
    expect(() => writes.join(client, refuse)).toThrow('refused');
    await new Promise(setImmediate);
    await send('a');
    await new Promise(setImmediate);
    expect(stream.writes).toEqual([1]);
    expect(stream.writableCorked).toBe(0);
  });

  it('leave a client without a socket of its own alone: a cluster has one for each node', async () => {
    const writes = new JoinedWrites();
    const client = { isCluster: true } as unknown as RedisClient;
    expect(await writes.join(client, async (given) => given === client)).toBe(true);
  });
});
