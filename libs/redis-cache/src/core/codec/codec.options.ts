import { refuse } from '../common/index.js';
import { type ClassRegistration, ClassRegistry } from './class-registry.js';
import { Codec } from './codec.js';
import { jsonSerializer } from './json.serializer.js';
import { msgpackSerializer } from './msgpack.serializer.js';
import { type CustomSerializer, customSerializer, type Serializer } from './serializer.js';
import { typedSerializer } from './typed/typed.serializer.js';

/**
 * How values become bytes: `'typed'` keeps every type, `'json'` is plain JSON text for readers of other languages,
 * `'msgpack'` is standard MessagePack, and an object with `encode` and `decode` is your own.
 */
export type SerializerOption = 'typed' | 'json' | 'msgpack' | CustomSerializer;

export interface CodecOptions {
  /** @default 'own': each caller may change what it is given */
  readonly values?: 'own' | 'frozen';
  readonly serializer: SerializerOption;
  readonly classes: readonly { readonly option: string; readonly classes: ClassRegistration }[];
}

export function requireSerializer(option: string, given: unknown): SerializerOption {
  if (given === 'typed' || given === 'json' || given === 'msgpack') return given;
  const custom = given as Partial<CustomSerializer> | null | undefined;
  if (typeof custom?.encode === 'function' && typeof custom.decode === 'function') return custom as CustomSerializer;
  return refuse(option, "'typed', 'json', 'msgpack' or an object with encode(value) and decode(bytes)", given);
}

export function createCodec({ serializer, classes, values }: CodecOptions): Codec {
  return new Codec(createSerializer(serializer, new ClassRegistry(classes)), values);
}

function createSerializer(option: SerializerOption, registry: ClassRegistry): Serializer {
  if (option === 'typed') return typedSerializer(registry);
  if (option === 'json') return jsonSerializer;
  if (option === 'msgpack') return msgpackSerializer();
  return customSerializer(option);
}
