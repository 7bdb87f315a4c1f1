/** `world`: happens whatever the process does. The others wait while it stalls, and are then done in this order. */
type Kind = 'world' | 'script' | 'io' | 'timer';

interface Event {
  readonly at: number;
  /** Among events of one moment. */
  readonly rank: number;
  readonly order: number;
  readonly kind: Kind;
  readonly run: () => void;
}

const RANKS: Record<Kind, number> = { world: 0, script: 1, io: 2, timer: 3 };
const WALL_CLOCK_MS = 1_700_000_000_000;

/** Time that passes from event to event, with one process in it that can stall and sleep. */
export class VirtualTime {
  now = 0;
  private readonly events: Event[] = [];
  private order = 0;
  private stalledUntil = 0;
  private sleptMs = 0;

  /** The process's clocks. */
  readonly monotonicMs = (): number => this.now - this.sleptMs;
  readonly wallMs = (): number => this.now + WALL_CLOCK_MS;

  after(ms: number, kind: Kind, run: () => void): void {
    this.insert({ at: this.now + ms, rank: RANKS[kind], order: (this.order += 1), kind, run });
  }

  stall(ms: number): void {
    this.stalledUntil = Math.max(this.stalledUntil, this.now + ms);
  }

  /** The machine sleeps: its monotonic clock too. */
  sleep(ms: number): void {
    this.stall(ms);
    this.sleptMs += ms;
  }

  /** Goes on until `end`, or until `isOver`. */
  run(end: number, isOver: () => boolean): void {
    while (this.events.length > 0 && !isOver()) {
      const event = this.events.pop()!;
      if (event.at > end) return;
      if (event.kind !== 'world' && event.at < this.stalledUntil) {
        this.insert({ ...event, at: this.stalledUntil });
        continue;
      }
      this.now = Math.max(this.now, event.at);
      event.run();
    }
  }

  /** The next one stands last. */
  private insert(event: Event): void {
    let [low, high] = [0, this.events.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (comesBefore(event, this.events[middle]!)) low = middle + 1;
      else high = middle;
    }
    this.events.splice(low, 0, event);
  }
}

function comesBefore(one: Event, other: Event): boolean {
  if (one.at !== other.at) return one.at < other.at;
  return one.rank === other.rank ? one.order < other.order : one.rank < other.rank;
}

/** One direction of a connection: what is sent arrives in order, each after a delay of its own, unless it was closed. */
export class Wire {
  private latest = 0;

  constructor(
    private readonly time: VirtualTime,
    private readonly delayMs: () => number,
    private readonly isOpen: () => boolean,
  ) {}

  send(kind: 'world' | 'io', arrive: () => void, lost: () => void = () => undefined): void {
    this.latest = Math.max(this.latest, this.time.now + this.delayMs());
    this.time.after(this.latest - this.time.now, kind, () => {
      if (this.isOpen()) arrive();
      else lost();
    });
  }
}
