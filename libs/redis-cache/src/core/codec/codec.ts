import { checksumStep } from './checksum.step.js';
import { UndecodableError } from './codec.errors.js';
import type { CodecStep } from './codec-step.js';
import { type EntryHeader, ERROR_FLAG, readEnvelope, readHeader } from './envelope.js';
import { freezeTree } from './freeze-tree.js';
import type { Serializer } from './serializer.js';

const [MINUS, ZERO, NINE] = [0x2d, 0x30, 0x39];
const COUNTER = /^-?\d+$/;
const LONGEST_COUNTER = 20;

/** A value on its way to Redis. The envelope around it is written there, with Redis's clock. */
export interface EncodedValue {
  readonly flags: number;
  readonly payload: Buffer;
}

/** What lay in Redis. `envelope` is missing where the format has none. */
export interface StoredValue {
  readonly value: unknown;
  readonly envelope?: EntryHeader;
  /** It is not a value, but what is to be remembered of an error. */
  readonly isError?: true;
  /** Nobody can change it, so that many may hold it. */
  readonly isFrozen?: true;
}

/** Value to bytes and back: a serialiser, then a chain of steps (today the checksum). */
export class Codec {
  private readonly steps: readonly CodecStep[] = [checksumStep];

  /** @param values `'frozen'`: trees of plain objects and arrays are frozen when they are decoded */
  constructor(
    private readonly serializer: Serializer,
    private readonly values: 'own' | 'frozen' = 'own',
  ) {}

  get format(): Serializer['format'] {
    return this.serializer.format;
  }

  /** Whether every caller, the first one too, is given what is decoded. */
  get givesCopies(): boolean {
    return this.serializer.fidelity === 'lossy' || this.values === 'frozen';
  }

  /** @throws UnsupportedValueError naming the place in the value */
  encode(value: unknown): EncodedValue {
    const flags = this.serializer.id;
    const serialized = this.serializer.encode(value);
    if (this.format === 'plain') return { flags, payload: serialized };
    return { flags, payload: this.steps.reduce((bytes, step) => step.encode(bytes, flags), serialized) };
  }

  /** What is to be remembered of an error. @throws UnsupportedValueError */
  encodeError(record: unknown): EncodedValue {
    const flags = this.serializer.id | ERROR_FLAG;
    const serialized = this.serializer.encode(record);
    return { flags, payload: this.steps.reduce((bytes, step) => step.encode(bytes, flags), serialized) };
  }

  /** @throws UndecodableError */
  decode(encoded: EncodedValue): unknown {
    const value = this.deserialize(encoded);
    if (this.values === 'frozen') freezeTree(value);
    return value;
  }

  /** Reads what lies in Redis under a key. @throws UndecodableError */
  read(stored: Buffer): StoredValue {
    if (this.format === 'plain') return { value: this.decode({ flags: this.serializer.id, payload: stored }) };
    if (isCounter(stored)) return { value: Number(stored.toString('latin1')) };
    const envelope = readEnvelope(stored);
    const value = this.deserialize(envelope);
    if ((envelope.flags & ERROR_FLAG) !== 0) return { value, envelope, isError: true };
    return this.values === 'frozen' && freezeTree(value) ? { value, envelope, isFrozen: true } : { value, envelope };
  }

  /** Reads the first bytes of an entry: the whole header, or of a counter all there is. */
  readHeader(start: Buffer): EntryHeader | 'none' | 'unreadable' {
    if (this.format === 'plain' || isCounter(start)) return 'none';
    try {
      return readHeader(start);
    } catch {
      return 'unreadable';
    }
  }

  private deserialize({ flags, payload }: EncodedValue): unknown {
    if ((flags & ~ERROR_FLAG) !== this.serializer.id)
      throw new UndecodableError(`the flags are ${flags}, expected ${this.serializer.id}.`);
    const serialized =
      this.format === 'plain' ? payload : this.steps.reduceRight((bytes, step) => step.decode(bytes, flags), payload);
    try {
      return this.serializer.decode(serialized);
    } catch {
      // Without the cause: parsers quote what they could not read, and that is somebody's value.
      throw new UndecodableError('the serialiser does not understand them.');
    }
  }
}

/** A counter is a bare integer, because Redis itself counts it. No envelope begins with a digit or a minus. */
function isCounter(stored: Buffer): boolean {
  const [first = 0] = stored;
  if (first !== MINUS && (first < ZERO || first > NINE)) return false;
  return stored.length <= LONGEST_COUNTER && COUNTER.test(stored.toString('latin1'));
}
