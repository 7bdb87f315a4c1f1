import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { type Recovery, Servers } from './servers.js';
import type { Topology } from './topology.js';

/** A server that says who it is, and may be started again. */
class AnsweringClient extends EventEmitter {
  status = 'ready';
  runId = 'a1';

  async time(): Promise<[number, number]> {
    return [100, 500_000];
  }

  async info(): Promise<string> {
    return `run_id:${this.runId}\r\nuptime_in_seconds:7\r\n`;
  }
}

describe('Servers', () => {
  const client = new AnsweringClient();
  const topology: Partial<Topology> = {
    kind: 'standalone',
    addresses: () => ['one'],
    addressOf: () => 'one',
    clientAt: () => client as unknown as Redis,
    onServers: () => () => undefined,
  };
  const servers = new Servers({
    topology: topology as Topology,
    within: (work) => work(),
    startOfAnswer: () => 0,
    onAnswer: () => undefined,
    onChange: () => undefined,
  });
  afterAll(() => servers.stop());

  it('a server that was lost is not used before it has said who it is and all has been set right', async () => {
    const recoveries: Recovery[] = [];
    let finish = (): void => undefined;
    servers.beforeUse(async (recovery) => {
      recoveries.push(recovery);
      expect(servers.areOpenTo('key')).toBe(false);
      await new Promise<void>((resolve) => (finish = resolve));
    });
    const until = async (count: number): Promise<void> => {
      while (recoveries.length < count) await new Promise((resolve) => setImmediate(resolve));
    };

    const probing = servers.probe();
    await until(1);
    expect(servers.areOpenTo('key')).toBe(false);
    finish();
    await probing;
    expect(servers.areOpenTo('key')).toBe(true);
    const life = servers.lifeOf('key');
    expect(life).toEqual({ runId: 'a1', startedAtMs: 93_500 });

    client.emit('close');
    expect(servers.areOpenTo('key')).toBe(false);
    client.emit('ready');
    await until(2);
    expect(servers.lifeOf('key')).toBe(life); // the same run: it was only the connection that was lost

    finish();
    client.runId = 'b2';
    client.emit('close');
    client.emit('ready');
    await until(3);
    expect(servers.areOpenTo('key')).toBe(false);
    expect(servers.lifeOf('key')).not.toBe(life);
    finish();
    await servers.probe();
    expect(recoveries.map(({ isAnotherLife }) => isAnotherLife)).toEqual([true, false, true]);
  });
});
