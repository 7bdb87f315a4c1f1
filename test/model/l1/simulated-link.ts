import type { Coherence, Heart } from '../../../libs/redis-cache/src/core/connection/index.js';
import type { Random } from '../random.js';
import type { Push, Server, SimulatedPrimary } from './simulated-primary.js';
import { type VirtualTime, Wire } from './virtual-time.js';

/** How well a connection works at the moment. */
export interface Weather {
  delayMs: () => number;
  /** Until then nothing arrives. */
  blackUntil: number;
}

interface LinkParts {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly primary: SimulatedPrimary;
  readonly coherence: Coherence;
  readonly weather: Weather;
  /** The server that is reached now. */
  readonly dial: () => Server;
  readonly onInvalidated: (key: string | null) => void;
  /** A rule that a mutation breaks: it is armed when the server has said so. */
  readonly armsAtConnect?: boolean;
}

/** Behaves like the TrackingLink, without a socket. */
export class SimulatedLink implements Heart {
  /** The last step of its server that has been told here. */
  seen: { readonly server: Server; readonly step: number } | undefined;
  private connection: { isOpen: boolean; readonly server: Server; readonly up: Wire; readonly down: Wire } | undefined;
  private push: Push | undefined;

  constructor(private readonly parts: LinkParts) {
    this.connectLater();
  }

  ping(answered: () => void): void {
    const { connection } = this;
    if (connection === undefined) return;
    connection.up.send('world', () => this.tell(connection, this.parts.primary.step(), answered));
  }

  reset(): void {
    this.lose();
  }

  lose(): void {
    const { connection, push } = this;
    if (connection === undefined) return;
    connection.isOpen = false;
    if (push !== undefined) connection.server.trackers.delete(push);
    this.connection = undefined;
    this.parts.coherence.lose(this.parts.primary.name, this);
    this.connectLater();
  }

  private connectLater(): void {
    this.parts.time.after(20 + this.parts.random.below(50), 'io', () => this.connect());
  }

  private connect(): void {
    const { time, weather, primary, coherence, armsAtConnect } = this.parts;
    const delay = (): number => Math.max(weather.delayMs(), weather.blackUntil - time.now);
    const isOpen = (): boolean => connection.isOpen;
    const [up, down] = [new Wire(time, delay, isOpen), new Wire(time, delay, isOpen)];
    const connection = { isOpen: true, server: this.parts.dial(), up, down };
    this.connection = connection;
    this.push = (key, step) => this.tell(connection, step, () => this.parts.onInvalidated(key));
    const arm = (): void => coherence.arm(primary.name, this, connection.server.runId);
    if (armsAtConnect) arm();
    up.send('world', () => {
      connection.server.trackers.add(this.push!);
      if (!armsAtConnect) this.tell(connection, primary.step(), arm);
    });
  }

  private tell({ down, server }: NonNullable<SimulatedLink['connection']>, step: number, told: () => void): void {
    down.send('io', () => {
      this.seen = { server, step };
      told();
    });
  }
}
