import type { Event } from './environment.js';
import type { Replacement } from './lua-variant.js';
import type { Tagging } from './world.js';

export type Write =
  'key' | 'pull' | 'mark stale' | 'pattern' | 'glob' | 'clear' | 'tag' | 'move' | 'put' | 'put nothing' | 'set';

/** Who takes part in the schedules of a kind, and what they may do. */
export interface Mix {
  readonly tagging: Tagging;
  readonly readers: number;
  readonly writers: number;
  readonly writes: readonly Write[];
  readonly events: number;
  readonly eventsOf?: readonly Event[];
  /** All in one process and on one key. */
  readonly narrow?: boolean;
  readonly filledBefore?: boolean;
  readonly coldIndex?: boolean;
  readonly hasIndex?: boolean;
  /** Hits are loaded again in the background, and some readers load anew whatever there is. */
  readonly refreshes?: boolean;
  /** Replies get lost, or commands arrive after their caller has given up. */
  readonly losses?: boolean;
  readonly replacements?: readonly Replacement[];
}

/** A tag log that is pruned all the time. */
export const SHORT_LOG: Replacement = { script: 'invalidateTags', text: '604800000, 1024', by: '604800000, 1' };

export const MIXES: Readonly<Record<string, Mix>> = {
  'tags that depend on the value': {
    tagging: 'from-value',
    readers: 4,
    writers: 2,
    writes: ['tag', 'tag', 'move', 'key'],
    events: 2,
    eventsOf: ['lease', 'entry', 'log', 'renewal'],
  },
  'fixed tags': {
    tagging: 'fixed',
    readers: 4,
    writers: 2,
    writes: ['tag', 'pattern', 'glob', 'key', 'pull'],
    events: 3,
    eventsOf: ['index', 'lease', 'entry', 'renewal'],
  },
  'no tags': {
    tagging: 'none',
    readers: 4,
    writers: 2,
    writes: ['pattern', 'glob', 'key'],
    events: 3,
    eventsOf: ['index', 'lease', 'entry', 'renewal', 'renewal'],
  },
  'no index': {
    tagging: 'none',
    hasIndex: false,
    readers: 4,
    writers: 2,
    writes: ['clear', 'clear', 'key', 'put'],
    events: 2,
    eventsOf: ['lease', 'entry', 'log', 'renewal'],
  },
  'the index gets lost': {
    tagging: 'from-value',
    readers: 3,
    writers: 2,
    writes: ['tag', 'pattern', 'glob', 'move'],
    events: 3,
    eventsOf: ['index', 'index', 'log'],
    coldIndex: true,
  },
  'sampling only': { tagging: 'fixed', readers: 5, writers: 2, writes: ['tag', 'pattern'], events: 0 },
  'a tag log that is pruned': {
    tagging: 'from-value',
    readers: 4,
    writers: 3,
    writes: ['tag', 'tag', 'move'],
    events: 1,
    eventsOf: ['log'],
    replacements: [SHORT_LOG],
  },
  puts: {
    tagging: 'from-value',
    readers: 3,
    writers: 3,
    writes: ['put', 'put', 'key', 'pattern', 'tag'],
    events: 1,
    eventsOf: ['lease', 'renewal'],
  },
  'puts that return nothing': {
    tagging: 'none',
    readers: 3,
    writers: 3,
    writes: ['put nothing', 'put', 'key'],
    events: 1,
    eventsOf: ['lease'],
  },
  'plain sets': {
    tagging: 'from-value',
    readers: 3,
    writers: 3,
    writes: ['set', 'set', 'put', 'key', 'tag'],
    events: 2,
    eventsOf: ['lease', 'entry', 'index'],
  },
  'one process, one key': {
    tagging: 'from-value',
    readers: 6,
    writers: 3,
    writes: ['key', 'mark stale', 'pull', 'move'],
    events: 0,
    narrow: true,
  },
  'filled before': {
    tagging: 'fixed',
    readers: 2,
    writers: 2,
    writes: ['tag', 'pattern', 'glob'],
    events: 2,
    eventsOf: ['index'],
    filledBefore: true,
  },
  'refreshes in the background': {
    tagging: 'from-value',
    readers: 5,
    writers: 2,
    writes: ['tag', 'pattern', 'key', 'mark stale'],
    events: 2,
    eventsOf: ['lease', 'entry', 'index'],
    filledBefore: true,
    refreshes: true,
  },
  'replies that get lost': {
    tagging: 'from-value',
    readers: 4,
    writers: 2,
    writes: ['tag', 'pattern', 'key', 'put'],
    events: 1,
    eventsOf: ['index', 'lease'],
    losses: true,
  },
  'everything at once': {
    tagging: 'from-value',
    readers: 5,
    writers: 3,
    writes: ['tag', 'pattern', 'glob', 'clear', 'move', 'key', 'pull', 'mark stale', 'put', 'set'],
    events: 3,
    eventsOf: ['index', 'lease', 'entry', 'log', 'flush', 'renewal'],
  },
};
