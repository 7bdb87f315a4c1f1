import type { Redis } from 'ioredis';

/** One run of a server, from its start to its end. */
export interface ServerLife {
  /** Missing where the server does not tell it (access lists). */
  readonly runId: string | undefined;
  /**
   * On its own clock. What is older was not written in this run: it came from a file, or from another server. Rounded up
   * by less than a second, so that nothing older passes for newer. 0 where the server does not tell it.
   */
  readonly startedAtMs: number;
}

/** What a server says of itself, with its time. */
export interface ServerAnswer {
  readonly life: ServerLife;
  readonly nowMs: number;
}

/** Asks a server who it is. Rejects when it does not answer; that it refuses to tell is an answer. */
export async function askServer(client: Redis): Promise<ServerAnswer> {
  const [time, info] = await Promise.all([client.time(), client.info('server').catch(textOfRefusal)]);
  const nowMs = Number(time[0]) * 1_000 + Math.floor(Number(time[1]) / 1_000);
  const runId = /^run_id:(\w+)/m.exec(info)?.[1];
  const uptime = /^uptime_in_seconds:(\d+)/m.exec(info)?.[1];
  return { life: { runId, startedAtMs: uptime === undefined ? 0 : nowMs - Number(uptime) * 1_000 }, nowMs };
}

function textOfRefusal(error: Error): string {
  if (error.name === 'ReplyError') return '';
  throw error;
}
