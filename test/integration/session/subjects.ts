import type { SessionOptions, SessionService } from 'nestjs-redis-cache';
import { FakeSessionService } from 'nestjs-redis-cache/testing';
import { testTopologies } from '../../support/topologies.js';
import { OpenSessions, type Shopper } from './open-sessions.js';

export interface Subject {
  readonly service: SessionService<Shopper>;
  passTime(ms: number): Promise<void>;
  close(): Promise<void>;
}

type Opening = (options?: SessionOptions) => Promise<Subject>;

export const SUBJECTS: readonly (readonly [string, Opening])[] = [
  ...testTopologies().map(
    ({ name, connection }) => [name, (options = {}) => OpenSessions.on(connection, options)] as const,
  ),
  ['the fake', async (options = {}) => asSubject(FakeSessionService.create<Shopper>(options))],
];

function asSubject(fake: FakeSessionService<Shopper>): Subject {
  return { service: fake, passTime: async (ms) => fake.advance(ms), close: async () => undefined };
}
