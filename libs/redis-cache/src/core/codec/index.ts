export { type ClassCodec, type ClassRegistration, ClassRegistry, type RegisteredClass } from './class-registry.js';
export { UndecodableError, UnsupportedValueError } from './codec.errors.js';
export { type CodecOptions, createCodec, requireSerializer, type SerializerOption } from './codec.options.js';
export { Codec, type EncodedValue, type StoredValue } from './codec.js';
export {
  type EntryHeader,
  ENVELOPE_VERSION,
  type Envelope,
  ERROR_FLAG,
  FIXED_BLOCK_BYTES,
  readEnvelope,
} from './envelope.js';
export { KeyRing, requireKeyRing } from './key-ring.js';
export { type CustomSerializer } from './serializer.js';
