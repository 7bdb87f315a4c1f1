import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as everybodyWaits, setTimeout as pause } from 'node:timers/promises';

/** What an agent would do next. */
export interface Turn {
  readonly agent: string;
  readonly step: string;
  /** What it is done with. */
  readonly detail: string;
  readonly isPossible: () => boolean;
  readonly take: () => Promise<void>;
}

const LONGEST_PAUSE_MS = 2_000;

/** One for all schedules: each storage makes every promise slower, for ever. */
const agents = new AsyncLocalStorage<string>();

/**
 * Agents that run the library's own code and stop before every step that others could come in between: before a command
 * is carried out, before its reply arrives, before the database is read or written. Whoever plays the schedule decides
 * whose turn it is; between two turns nothing happens.
 */
export class Schedule {
  readonly trace: string[] = [];
  /** What agents died of. */
  readonly failures: string[] = [];
  private readonly turns: Turn[] = [];
  private readonly alive = new Set<string>();
  private isRunning = false;

  /** From now on steps wait for their turn; before, and after {@link end}, they are taken at once. */
  begin(): void {
    this.isRunning = true;
  }

  end(): void {
    this.isRunning = false;
  }

  agent(name: string, work: () => Promise<void>): void {
    this.alive.add(name);
    void agents.run(name, async () => {
      try {
        await this.turn('begin');
        await work();
      } catch (error) {
        this.failures.push(
          `${name} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        );
      } finally {
        this.alive.delete(name);
      }
    });
  }

  turn<T = void>(
    step: string,
    work?: () => T | Promise<T>,
    { detail = '', isPossible = () => true }: { detail?: string; isPossible?: () => boolean } = {},
  ): Promise<T> {
    const agent = agents.getStore() ?? 'somebody';
    const result = async (): Promise<T> => (await work?.()) as T;
    if (!this.isRunning) return result();
    return new Promise<T>((resolve) => {
      const take = async (): Promise<void> => {
        const taken = result().then((value) => this.told(`${agent}: ${step} ${detail}`, value));
        resolve(taken);
        await taken.catch(() => undefined); // whoever waits for it is told
      };
      this.turns.push({ agent, step, detail, isPossible, take });
    });
  }

  note(line: string): void {
    if (this.isRunning) this.trace.push(line);
  }

  get possibleTurns(): readonly Turn[] {
    return this.turns.filter(({ isPossible }) => isPossible());
  }

  /** Agents that have not come to their end; when no turn is possible any more, they never will. */
  get unfinished(): readonly string[] {
    return [...this.alive];
  }

  /**
   * Whether the schedule goes on. A rebuild whose index is lost again and again pauses by the clock: nobody has a turn
   * then, and still it goes on.
   */
  async hasATurn(): Promise<boolean> {
    const giveUpAt = performance.now() + LONGEST_PAUSE_MS;
    while (this.possibleTurns.length === 0 && this.alive.size > 0 && performance.now() < giveUpAt) await pause(5);
    return this.possibleTurns.length > 0;
  }

  async take(turn: Turn): Promise<void> {
    this.turns.splice(this.turns.indexOf(turn), 1);
    await turn.take();
    await everybodyWaits();
  }

  private told<T>(step: string, result: T): T {
    this.note(result === undefined ? step : `${step} = ${shown(result)}`);
    return result;
  }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) => {
    const bytes = part as { type?: unknown; data?: unknown };
    return bytes?.type === 'Buffer' ? Buffer.from(bytes.data as number[]).toString('latin1') : part;
  });
  return text.replaceAll(/\\u00[01]./g, '.').slice(0, 120);
}
