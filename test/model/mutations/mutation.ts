import type { Replacement } from '../lua-variant.js';
import type { Stage } from '../stage.js';
import type { Process, Tagging } from '../world.js';

/** One fix of the protocol turned off, and a run of events that then ends in a stale read, and only then. */
export interface Mutation {
  /** The finding of the protocol review that the fix answers. F0 is the protocol's first idea: evictions void leases. */
  readonly finding: string;
  readonly mutation: string;
  /** @default 'none' */
  readonly tagging?: Tagging;
  /** @default true */
  readonly hasIndex?: boolean;
  readonly filled?: readonly string[];
  /** Circumstances, with and without the mutation. */
  readonly circumstances?: readonly Replacement[];
  readonly replacements?: readonly Replacement[];
  readonly mutateClient?: (process: Process) => void;
  readonly interleaving: (stage: Stage) => Promise<void>;
}
