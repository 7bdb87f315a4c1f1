import type { SessionService } from '../../../libs/redis-cache/src/session/index.js';
import type { Random } from '../random.js';
import type { Schedule } from '../schedule.js';
import { type Loss, scheduledSessions, type Stage } from './scheduled-sessions.js';

const MOST_TURNS = 3_000;

interface Data extends Record<string, unknown> {
  readonly visits?: readonly string[];
}

/** What the requests on one session were told, for the checks at the end. */
class Told {
  readonly tokens: string[] = [];
  readonly written: string[] = [];
  readonly maybeWritten = new Set<string>();
  readonly visits: string[] = [];
  readonly maybeVisits = new Set<string>();
  readonly loggedIn: string[] = [];
  isDestroyed = false;
  mayBeDestroyed = false;
  readonly violations: string[] = [];
}

interface Visit {
  readonly sessions: SessionService<Data>;
  readonly told: Told;
  readonly random: Random;
  readonly name: string;
}

/**
 * Several requests use one session at the same time: they write, update, rotate, and one may log out (`'logout'`) or
 * log in (`'login'`). Returns what went wrong.
 */
export async function playRequests(
  stage: Omit<Stage, 'loss'>,
  random: Random,
  ending: 'logout' | 'login',
): Promise<readonly string[]> {
  const { schedule } = stage;
  let mayLose = true;
  const loss = (): Loss => (mayLose && random.below(10) === 0 ? random.oneOf(['reply', 'late'] as const) : 'none');
  const sessions = scheduledSessions({ ...stage, loss }, { touchInterval: 0 }) as SessionService<Data>;
  const told = new Told();
  mayLose = false;
  told.tokens.push((await sessions.create({ userId: ending === 'logout' ? 'ada' : undefined })).token);
  mayLose = true;

  schedule.begin();
  for (let number = 0; number < 4; number += 1) {
    const visit = { sessions, told, random, name: `R${number}` };
    schedule.agent(visit.name, () => request(visit));
  }
  const end = ending === 'logout' ? logout : login;
  for (const name of ['L0', 'L1']) schedule.agent(name, () => end({ sessions, told, random, name }));
  await giveTurns(schedule, random);
  schedule.end();
  mayLose = false;
  return [...told.violations, ...schedule.failures, ...(await lookBack(sessions, told, ending))];
}

async function request({ sessions, told, random, name }: Visit): Promise<void> {
  for (let step = 0; step < 3; step += 1) {
    const token = random.oneOf(told.tokens);
    const endedBefore = told.isDestroyed;
    const what = `${name}.${step}`;
    const lives = await attempt(() =>
      [write, update, rotate, read][random.below(4)]!({ sessions, told, random, name: what }, token),
    );
    if (endedBefore && lives === true) told.violations.push(`${what} found the session after it was destroyed`);
  }
}

/** Undefined: the outcome is unknown. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code === 'SESSION_UNAVAILABLE') return undefined;
    throw error;
  }
}

async function write({ sessions, told, name }: Visit, token: string): Promise<boolean> {
  told.maybeWritten.add(name);
  const isWritten = await sessions.set(token, { [name]: name });
  if (isWritten) told.written.push(name);
  else told.maybeWritten.delete(name);
  return isWritten;
}

async function update({ sessions, told, name }: Visit, token: string): Promise<boolean> {
  told.maybeVisits.add(name);
  const data = await sessions.update(token, ({ visits = [] }) => ({ visits: [...visits, name] }));
  if (data !== undefined) told.visits.push(name);
  else told.maybeVisits.delete(name);
  return data !== undefined;
}

async function rotate({ sessions, told }: Visit, token: string): Promise<boolean> {
  const rotated = await sessions.rotate(token);
  if (typeof rotated === 'object') told.tokens.push(rotated.token);
  return rotated !== undefined;
}

async function read({ sessions }: Visit, token: string): Promise<boolean> {
  return (await sessions.get(token)) !== undefined;
}

async function logout({ sessions, told, random }: Visit): Promise<void> {
  const token = random.oneOf(told.tokens);
  told.mayBeDestroyed = true;
  const work = async () => void (await (random.below(2) === 0 ? sessions.destroy(token) : sessions.destroyAll('ada')));
  if ((await attempt(() => work().then(() => true))) !== undefined) told.isDestroyed = true;
}

async function login({ sessions, told, random }: Visit): Promise<void> {
  const login = await attempt(() => sessions.login(random.oneOf(told.tokens), { userId: 'ada' }));
  if (login !== undefined) told.loggedIn.push(login.token);
}

async function lookBack(
  sessions: SessionService<Data>,
  told: Told,
  ending: 'logout' | 'login',
): Promise<readonly string[]> {
  if (ending === 'logout' && told.isDestroyed) {
    const found = await Promise.all(told.tokens.map((token) => sessions.get(token)));
    const listed = await sessions.list('ada');
    return found.some((session) => session !== undefined) || listed.length > 0 ? ['resurrected'] : [];
  }
  const tokens = ending === 'login' ? told.loggedIn : told.tokens.slice(-1);
  const problems = await Promise.all(tokens.map(async (token) => complaints(await sessions.get(token), told)));
  return problems.flat();
}

function complaints(session: { readonly data: Data } | undefined, told: Told): string[] {
  if (session === undefined) return told.mayBeDestroyed ? [] : ['logged out by nobody'];
  const { visits = [], ...fields } = session.data;
  const lostVisits = told.visits.filter((name) => visits.filter((other) => other === name).length !== 1);
  return [
    ...told.written.filter((name) => fields[name] !== name).map((name) => `lost the field ${name}`),
    ...lostVisits.map((name) => `does not have the update ${name} once`),
    ...Object.keys(fields)
      .filter((name) => !told.maybeWritten.has(name))
      .map((name) => `has the refused field ${name}`),
    ...visits.filter((name) => !told.maybeVisits.has(name)).map((name) => `has the refused update ${name}`),
  ];
}

export async function giveTurns(schedule: Schedule, random: Random): Promise<void> {
  for (let turns = 0; await schedule.hasATurn(); turns += 1) {
    if (turns > MOST_TURNS) throw new Error(`It does not come to an end: ${schedule.unfinished.join()}`);
    await schedule.take(random.oneOf(schedule.possibleTurns));
  }
  if (schedule.unfinished.length > 0) throw new Error(`They wait for ever: ${schedule.unfinished.join()}`);
}
