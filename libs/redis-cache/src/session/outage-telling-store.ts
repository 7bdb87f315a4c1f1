import { isRedisCacheError } from '../core/common/index.js';
import { SessionUnavailableException } from './session.errors.js';
import type { SessionStore } from './session-store.js';

const OUTAGES = ['REDIS_UNAVAILABLE', 'COMMAND_TIMEOUT', 'CONNECTION_CLOSED', 'REDIS_REPLY'];

type Of<Operation extends keyof SessionStore> = Parameters<SessionStore[Operation]>;

/** Whatever happens to Redis, those who use sessions are told one thing: that there are none to be had now. */
export class OutageTellingStore implements SessionStore {
  constructor(private readonly store: SessionStore) {}

  open = () => this.store.open();
  now = () => this.store.now();
  read = (...given: Of<'read'>) => answered(this.store.read(...given));
  create = (...given: Of<'create'>) => answered(this.store.create(...given));
  write = (...given: Of<'write'>) => answered(this.store.write(...given));
  rotate = (...given: Of<'rotate'>) => answered(this.store.rotate(...given));
  retire = (...given: Of<'retire'>) => answered(this.store.retire(...given));
  destroy = (...given: Of<'destroy'>) => answered(this.store.destroy(...given));
  destroyAll = (...given: Of<'destroyAll'>) => answered(this.store.destroyAll(...given));
  destroyEveryone = () => answered(this.store.destroyEveryone());
  list = (...given: Of<'list'>) => answered(this.store.list(...given));
  generationOf = (...given: Of<'generationOf'>) => answered(this.store.generationOf(...given));
}

function answered<Answer>(answer: Promise<Answer>): Promise<Answer> {
  return answer.catch((error: unknown) => {
    const isOutage = isRedisCacheError(error) && OUTAGES.includes(error.code);
    throw isOutage ? new SessionUnavailableException({ cause: error }) : error;
  });
}
