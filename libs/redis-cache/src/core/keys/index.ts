export { bucketOf, CLUSTER_BUCKETS } from './bucket.js';
export { type FeatureWord } from './feature-word.js';
export { assertKey, isKey, requireNamespace, requirePrefix } from './key-rules.js';
export { hashSlotOf } from './hash-slot.js';
export { KeySpace, type KeySpaceOptions } from './key-space.js';
export { InvalidKeyError, InvalidPatternError } from './keys.errors.js';
export { escapeGlob, Pattern } from './pattern.js';
