import { channel, type Channel } from 'node:diagnostics_channel';

const CHANNEL_PREFIX = 'nestjs-redis-cache:';

/** What a subscriber of the raw diagnostics channel receives: the event and the application (bus) it happened in. */
export type EventMessage<Payload> = Payload & { readonly source: EventBus<never> };

/**
 * Tells what happened. Events travel over `node:diagnostics_channel` (channel `nestjs-redis-cache:<name>`), so that
 * metrics and tracing of the whole process can listen; `on` hears only this application's own.
 * They are published synchronously, in the async context of the caller, and cost next to nothing when nobody listens.
 */
export class EventBus<Events extends { [Name in keyof Events]: object }> {
  private readonly channels = new Map<string, Channel>();
  private readonly subscriptions = new Set<() => void>();

  /** Whether anybody in the process listens: for an event that would be costly to put together in vain. */
  isHeard<Name extends keyof Events & string>(name: Name): boolean {
    return this.channelOf(name).hasSubscribers;
  }

  publish<Name extends keyof Events & string>(name: Name, payload: Events[Name]): void {
    const target = this.channelOf(name);
    if (target.hasSubscribers) target.publish({ ...payload, source: this });
  }

  /**
   * Calls `listener` for each such event of this application. A listener that throws is reported as a process warning
   * and harms nobody else.
   * @returns a function that ends the subscription
   */
  on<Name extends keyof Events & string>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const target = this.channelOf(name);
    const receive = (message: unknown): void => {
      if ((message as EventMessage<object>).source !== (this as unknown)) return;
      try {
        listener(message as Events[Name]);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error), 'RedisCacheListenerWarning');
      }
    };
    target.subscribe(receive);
    const end = (): void => {
      target.unsubscribe(receive);
      this.subscriptions.delete(end);
    };
    this.subscriptions.add(end);
    return end;
  }

  /** Ends all subscriptions made through `on`: an application that was closed leaves no listener behind. */
  close(): void {
    for (const end of this.subscriptions) end();
  }

  private channelOf(name: string): Channel {
    const known = this.channels.get(name);
    if (known !== undefined) return known;
    const opened = channel(CHANNEL_PREFIX + name);
    this.channels.set(name, opened);
    return opened;
  }
}
