import { type Codec, createCodec } from '../core/codec/index.js';
import type { ResolvedNamespace } from './cache.options.js';

/** How a namespace encodes its values. Those that are shared in memory are frozen wherever they come from. */
export function codecOf({ serializer, classes, l1 }: Pick<ResolvedNamespace, 'serializer' | 'classes' | 'l1'>): Codec {
  return createCodec({ serializer, classes, values: l1?.values === 'frozen' ? 'frozen' : 'own' });
}
