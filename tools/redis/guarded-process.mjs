import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** @typedef {import('node:net').Socket} Socket */
/** @typedef {Awaited<ReturnType<typeof runGuarded>>} GuardedProcess */

/**
 * The shell between us and the program. Its standard input is a pipe that nobody writes to: it ends when we let go of the
 * program, and also when this process dies in whatever way, SIGKILL included. A signal to the shell has the same effect.
 *
 * Once the program runs, only the program itself holds the output pipe: that pipe ends when the program does. A program
 * that ended stays a zombie until the shell waits for it, so its process id cannot come to mean another process.
 */
const GUARD = `
  own_dir=$1
  shift
  trap : HUP INT TERM PIPE
  [ -z "$own_dir" ] || mkdir -m 700 -- "$own_dir"
  "$@" </dev/null 2>&1 3>&- &
  program=$!
  echo "$program" >&3
  exec >/dev/null 2>&1 3>&-
  while read -r _; do :; done
  kill -KILL "$program"
  wait "$program"
  [ -z "$own_dir" ] || rm -rf -- "$own_dir"
`;

const KEPT_OUTPUT = 20_000;

/**
 * Runs a program that ends no later than this process, and that does not keep this process from ending.
 *
 * @param {string[]} command
 * @param {string} [ownDir] a directory to make, and to remove afterwards
 */
export async function runGuarded(command, ownDir = '') {
  const guard = spawn('sh', ['-c', GUARD, 'guard', ownDir, ...command], {
    stdio: ['pipe', 'pipe', 'ignore', 'pipe'],
    detached: true, // Ctrl-C in a terminal is for the user of the program; the program ends after its user
  });
  await once(guard, 'spawn');
  const [lifeline, outputPipe, , pidPipe] = /** @type {Socket[]} */ (/** @type {unknown} */ (guard.stdio));
  if (!lifeline || !outputPipe || !pidPipe) throw new Error('The guard has no pipes');

  let output = '';
  let running = true;
  outputPipe.setEncoding('utf8').on('data', (chunk) => (output = (output + chunk).slice(-KEPT_OUTPUT)));
  const ended = once(outputPipe, 'close').then(() => (running = false));
  const gone = once(guard, 'exit');

  const pid = Number(String(await once(pidPipe, 'data')));
  pidPipe.destroy();
  for (const handle of [guard, lifeline, outputPipe]) handle.unref();

  return {
    pid,
    output: () => output.trim(),
    isRunning: () => running,

    /** @param {NodeJS.Signals[]} signals @param {number} deadlineMs */
    async signal(signals, deadlineMs) {
      try {
        if (running) signals.forEach((signal) => process.kill(pid, signal));
      } catch {
        // it has just ended by itself
      }
      const deadline = new AbortController();
      await Promise.race([ended, delay(deadlineMs, undefined, { signal: deadline.signal }).catch(() => {})]);
      deadline.abort();
    },

    /** Ends the program if it still runs, and removes its directory. */
    async release() {
      guard.ref();
      lifeline.end();
      await gone;
    },
  };
}

/**
 * Ends a child that shares our terminal, and so cannot have a guard in between, when this process dies before it.
 *
 * @param {import('node:child_process').ChildProcess} child
 */
export function endWithUs(child) {
  if (process.platform === 'win32') return;
  const watch = spawn('sh', ['-c', 'while read -r _; do :; done; kill -TERM "$1"', 'watch', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  child.once('exit', () => watch.kill('SIGKILL'));
}
