import { RedisCacheError } from '../core/common/index.js';

/** Thrown by `namespace(name)` and at boot: nobody has declared the namespace. */
export class UnknownNamespaceError extends RedisCacheError {
  readonly code = 'UNKNOWN_NAMESPACE';

  constructor(
    readonly namespace: string,
    known: readonly string[],
  ) {
    super(
      `There is no cache namespace "${namespace}". Known: ${known.join(', ')}. ` +
        `Declare it: RedisCacheModule.forFeature([{ namespace: '${namespace}' }]), or cache.namespaces in forRoot.`,
    );
  }
}
