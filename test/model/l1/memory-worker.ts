import { LocalCopies } from '../../../libs/redis-cache/src/cache/local-copies.js';
import { createCodec } from '../../../libs/redis-cache/src/core/codec/index.js';
import { envelopeBytes } from '../../../libs/redis-cache/src/testing/envelope-bytes.js';
import { SHAPES, type Filled, type Filling } from './memory-shapes.js';

const codec = createCodec({ serializer: 'typed', classes: [], values: 'frozen' });

/** Copies that are coherent for ever, of entries that never end. */
function copiesOf(limits: Filling['limits']): LocalCopies {
  return new LocalCopies({
    limits,
    codec,
    coherence: { now: () => performance.now(), isArmed: true, since: undefined },
    clock: { surelyBefore: () => Number.POSITIVE_INFINITY, isSurelyBefore: () => true },
    keepsStale: false,
    keyOf: (entry) => entry,
    onOutweighed: () => undefined,
  });
}

/** What Redis would answer. */
function entryOf(value: unknown): Buffer {
  const times = { createdAtMs: 1_000, freshUntilMs: 2_000_000_000_000, expiresAtMs: 2_000_000_000_000, loadMs: 1 };
  return envelopeBytes({ ...codec.encode(value), ...times, tags: [] });
}

function taken(): number {
  for (let round = 0; round < 3; round += 1) globalThis.gc!();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Leaves copies as reads do, until half as many again have been left as there is room for. */
function fill({ shape, limits }: Filling): Filled {
  const before = taken();
  const copies = copiesOf(limits);
  const most = { entries: 0, bytes: 0 };
  let left = 0;
  for (let room = Infinity; left < 1.5 * room && left < 200_000; left += 1) {
    const key = `key:${left}`;
    const token = copies.begin(key);
    const bytes = entryOf(SHAPES[shape](left));
    copies.settle(key, token, { bytes, stored: codec.read(bytes) });
    const { entries, bytes: counted } = copies.state;
    if (entries <= left && room === Infinity) room = entries;
    most.entries = Math.max(most.entries, entries);
    most.bytes = Math.max(most.bytes, counted);
  }
  const grown = taken() - before;
  return { grown, left, most, entries: copies.state.entries, counted: copies.state.bytes };
}

process.on('message', (filling: Filling) => {
  fill({ ...filling, limits: { maxEntries: 100, maxBytes: filling.limits.maxBytes } }); // what is compiled meanwhile takes memory too
  process.send!(fill(filling));
});
