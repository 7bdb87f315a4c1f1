import { Packr } from 'msgpackr';
import { messageOf } from '../../common/index.js';
import type { ClassRegistry } from '../class-registry.js';
import { UnsupportedValueError } from '../codec.errors.js';
import type { Serializer } from '../serializer.js';
import { customClassKind, instanceKind } from './class.kind.js';
import { containerKinds } from './container.kinds.js';
import { errorKind } from './error.kind.js';
import { leafKinds } from './leaf.kinds.js';
import { isTag, tag } from './tag.js';
import { TreeDecoder } from './tree-decoder.js';
import { TreeEncoder } from './tree-encoder.js';

const TREE = 'tree';

/**
 * MessagePack that gives back what it was given: Date, Map, Set, BigInt, Buffer and typed arrays, URL, RegExp, Error,
 * -0, NaN, undefined, cycles, and instances of registered classes. Nothing stored is ever executed.
 */
export function typedSerializer(registry: ClassRegistry): Serializer {
  const kinds = [customClassKind(registry), instanceKind(registry), ...leafKinds, ...containerKinds, errorKind];
  const kindsByName = new Map(kinds.map((kind) => [kind.name, kind]));
  // Decoded buffers are copied: they would otherwise share memory with every other value decoded from these bytes.
  const packr = new Packr({ copyBuffers: true, useBigIntExtension: true });
  return {
    id: 0,
    format: 'enveloped',
    fidelity: 'exact',
    encode(value) {
      try {
        const { wire, hasTags } = TreeEncoder.encode(value, kinds);
        return packr.pack(hasTags ? tag(TREE, wire) : wire);
      } catch (error) {
        if (error instanceof UnsupportedValueError) throw error;
        throw new UnsupportedValueError('$', `could not be encoded: ${messageOf(error)}`, { cause: error });
      }
    },
    decode(bytes) {
      const wire: unknown = packr.unpack(bytes);
      return isTag(wire) && wire[1] === TREE ? new TreeDecoder(kindsByName).revive(wire[2]) : wire;
    },
  };
}
