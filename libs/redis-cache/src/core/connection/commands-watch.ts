import type { Redis } from 'ioredis';
import { runIdOf } from './run-id.js';

interface Watched {
  readonly client: Redis;
  readonly stop: () => void;
  state: 'known' | 'asked' | 'unknown';
}

/** Knows which server answers the commands for each primary: asked whenever a client is connected anew. */
export class CommandsWatch {
  private readonly watched = new Map<string, Watched>();

  /** @param tell `undefined` as soon as a connection is lost */
  constructor(private readonly tell: (name: string, runId: string | undefined) => void) {}

  follow(primaries: ReadonlyMap<string, Redis>): void {
    for (const [name, { client, stop }] of this.watched) {
      if (primaries.get(name) === client) continue;
      stop();
      this.watched.delete(name);
    }
    for (const [name, client] of primaries) if (!this.watched.has(name)) this.watch(name, client);
  }

  close(): void {
    for (const { stop } of this.watched.values()) stop();
    this.watched.clear();
  }

  /** Those who could not answer when they were asked. */
  askUnknown(): void {
    for (const [name, { client, state }] of this.watched)
      if (state === 'unknown' && client.status === 'ready') void this.ask(name);
  }

  private watch(name: string, client: Redis): void {
    const onReady = (): void => void this.ask(name);
    const onClose = (): void => this.learn(name, undefined);
    client.on('ready', onReady).on('close', onClose);
    const stop = (): void => void client.off('ready', onReady).off('close', onClose);
    this.watched.set(name, { client, stop, state: 'unknown' });
    this.tell(name, undefined);
    // The clients of a cluster connect when they are first used.
    if (client.status === 'ready' || client.status === 'wait') onReady();
  }

  private async ask(name: string): Promise<void> {
    const asked = this.watched.get(name)!;
    asked.state = 'asked';
    const runId = await runIdOf(asked.client).catch(() => undefined);
    if (this.watched.get(name) === asked) this.learn(name, runId);
  }

  private learn(name: string, runId: string | undefined): void {
    this.watched.get(name)!.state = runId === undefined ? 'unknown' : 'known';
    this.tell(name, runId);
  }
}
