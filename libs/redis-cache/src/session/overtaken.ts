import { setTimeout as pause } from 'node:timers/promises';

const LONGEST_PAUSE_MS = 50;

/** Waits a little, longer each time and never as long as somebody else, so that one of several writers comes through. */
export async function overtaken(times: number): Promise<void> {
  await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, 2 ** times));
}
