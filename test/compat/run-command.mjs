import { execFile } from 'node:child_process';

/** @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, seconds: number }} Options */
/** @typedef {{ code: number | undefined, stdout: string, stderr: string }} Outcome `code` is missing when it had to be killed */

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => interruption.abort());

/** Whether somebody wants this process to end. */
export const isInterrupted = () => interruption.signal.aborted;

/**
 * Runs a program that gets none of the variables this library reads, unless they are given; it is killed when its time is
 * up or somebody interrupts us.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {Options} options
 * @returns {Promise<Outcome>}
 */
export function runCommand(file, args, { cwd, env, seconds }) {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(REDIS|CACHE)_/.test(name));
  const options = {
    cwd,
    env: { ...Object.fromEntries(inherited), ...env },
    timeout: seconds * 1_000,
    killSignal: /** @type {const} */ ('SIGKILL'),
    signal: interruption.signal,
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve) => {
    const child = execFile(file, args, options, (error, stdout, stderr) => {
      if (error && child.pid === undefined) resolve({ code: undefined, stdout, stderr: error.message });
      else resolve({ code: child.exitCode ?? undefined, stdout, stderr });
    });
  });
}

/** @param {string} text @returns {unknown} */
export function parseJson(text) {
  return JSON.parse(text);
}

/** @param {Outcome} outcome */
export function assertSuccess({ code, stdout, stderr }) {
  if (code !== 0) throw new Error(`${code === undefined ? 'was killed' : `exit code ${code}`}\n${stdout}\n${stderr}`);
}
