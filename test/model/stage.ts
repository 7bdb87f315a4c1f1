import { type Event, EVENTS } from './environment.js';
import type { Turn } from './schedule.js';
import type { Process, World } from './world.js';

/** Plays a schedule by a script: who goes on, and until when. */
export class Stage {
  readonly one: Process;
  readonly other: Process;

  constructor(readonly world: World) {
    [this.one, this.other] = world.processes;
    world.schedule.begin();
  }

  /** The agent goes on until this step would be its next. @param about part of what the step is done with */
  async upTo(agent: string, step: string, about = ''): Promise<void> {
    while (!this.turnsOf(agent).some((turn) => turn.step === step && turn.detail.includes(about))) {
      const [next] = this.turnsOf(agent);
      if (next === undefined)
        throw new Error(`${agent} does not come to "${step}".\n${this.world.schedule.trace.join('\n')}`);
      await this.world.schedule.take(next);
    }
  }

  async step(agent: string): Promise<void> {
    await this.world.schedule.take(this.turnsOf(agent)[0]!);
  }

  /** The agent goes on until it has ended, or waits for others. */
  async finish(agent: string): Promise<void> {
    for (let [next] = this.turnsOf(agent); next !== undefined; [next] = this.turnsOf(agent))
      await this.world.schedule.take(next);
  }

  async lose(event: Exclude<Event, 'renewal'>, key = ''): Promise<void> {
    this.world.schedule.note(`lost: ${event} ${key}`);
    await EVENTS[event](this.world, key);
  }

  /** Everybody comes to an end, and what is cached then is looked at. */
  async end(): Promise<void> {
    const { schedule, violations } = this.world;
    while (await schedule.hasATurn()) await schedule.take(schedule.possibleTurns[0]!);
    if (schedule.unfinished.length > 0) throw new Error(`they wait for ever: ${schedule.unfinished.join()}`);
    if (schedule.failures.length > 0) throw new Error(schedule.failures.join('\n'));
    await this.world.checkWhatIsCached();
    if (violations.length > 0) schedule.note(violations.join('\n'));
  }

  private turnsOf(agent: string): readonly Turn[] {
    return this.world.schedule.possibleTurns.filter((turn) => turn.agent === agent);
  }
}
