import type { Random } from '../random.js';
import { giveTurns } from './requests.js';
import { type Loss, scheduledSessions, type Stage } from './scheduled-sessions.js';

/** When a login began: seen from the call that ends all sessions. */
type Moment = 'before' | 'during' | 'after';

/** Logins of one user while all of the user's sessions are ended. Returns what went wrong. */
export async function playLogins(stage: Omit<Stage, 'loss'>, random: Random): Promise<readonly string[]> {
  const { schedule } = stage;
  let mayLose = true;
  const loss = (): Loss => (mayLose && random.below(10) === 0 ? random.oneOf(['reply', 'late'] as const) : 'none');
  const limit = random.below(2) === 0 ? {} : { maxPerUser: 2 };
  const sessions = scheduledSessions({ ...stage, loss }, limit);
  const given: { readonly token: string; readonly began: Moment }[] = [];
  const violations: string[] = [];
  let moment: Moment = 'before';

  const logIn = async (name: string): Promise<void> => {
    const before = random.below(2) === 0 ? (await sessions.create()).token : undefined;
    const start = moment;
    const login = await sessions.beginLogin('ada');
    const began = start === 'after' ? 'after' : moment === 'before' ? 'before' : 'during';
    await schedule.turn('the password is right');
    try {
      const { token } = await sessions.login(before, { userId: 'ada', login });
      given.push({ token, began });
      const rotated = random.below(2) === 0 ? await sessions.rotate(token) : undefined;
      if (typeof rotated === 'object') given.push({ token: rotated.token, began });
    } catch (error) {
      if (codeOf(error) !== 'LOGIN_REVOKED') throw error;
      // With a limit, a newer login may have taken its place before the reply was heard.
      if (began === 'after' && limit.maxPerUser === undefined)
        violations.push(`${name} was refused although it began afterwards`);
    }
  };
  const everywhere = async (): Promise<void> => {
    moment = 'during';
    await sessions.destroyAll('ada');
    moment = 'after';
  };

  schedule.begin();
  for (const name of ['A', 'B', 'C']) schedule.agent(name, () => unlessLost(() => logIn(name)));
  schedule.agent('everywhere', () => unlessLost(everywhere));
  await giveTurns(schedule, random);
  schedule.end();
  mayLose = false;
  violations.push(...schedule.failures);
  if ((moment as Moment) !== 'after') return violations;
  for (const { token, began } of given)
    if (began === 'before' && (await sessions.get(token)) !== undefined) violations.push('a session has survived');
  return violations;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

async function unlessLost(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (codeOf(error) !== 'SESSION_UNAVAILABLE') throw error;
  }
}
