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
        `Declare it: RedisCacheModule.forFeature([{ namespace: '${namespace}' }]), or cache.namespaces in forRoot; ` +
        `in a test, provideFakeRedisCache({ namespaces: { '${namespace}': {} } }).`,
    );
  }
}

/** An invalidation or a walk could not be finished: the index was lost, or its keys moved, again and again while it was being made complete. */
export class IndexIncompleteError extends RedisCacheError {
  readonly code = 'INDEX_INCOMPLETE';

  constructor(
    readonly namespace: string,
    attempts: number,
  ) {
    super(
      `Not all entries of the cache namespace "${namespace}" could be found (attempts: ${attempts}). Either Redis loses the index: ` +
        'it evicts it for want of memory, or is being flushed; give it more memory, or shorter ttls. Or slots of the cluster ' +
        'are being moved between nodes, or have none; try again when that is done.',
    );
  }
}

/** Stops the boot: processes with another shape use the namespace, and neither would see the evictions of the other. */
export class NamespaceShapeError extends RedisCacheError {
  readonly code = 'NAMESPACE_SHAPE';

  constructor({ namespace, ours, recorded, key }: { namespace: string; ours: string; recorded: string; key: string }) {
    super(
      `The cache namespace "${namespace}" has the shape "${ours}" here, but "${recorded}" in Redis. Give all processes the ` +
        `same options; or, to change it: stop those with the other shape, delete "${key}" and clear the namespace.`,
    );
  }
}

/**
 * With `onUndelivered: 'throw'`: Redis has not, or perhaps not, carried out an eviction, so other processes may read old
 * values. It stands in the journal all the same and is repeated until Redis has heard it.
 */
export class UndeliveredEvictionError extends RedisCacheError {
  readonly code = 'UNDELIVERED_EVICTION';
  /** What the decorated method, or the work of a unit of work, has returned before its evictions failed. */
  readonly result: unknown;

  constructor(
    readonly namespace: string,
    options: ErrorOptions & { readonly result?: unknown },
  ) {
    super(
      `An eviction in the cache namespace "${namespace}" was not delivered: other processes may read old values until ` +
        "it is. It is repeated until Redis has heard it. Use onUndelivered: 'journal' to go on without this error.",
      options,
    );
    this.result = options.result;
  }

  /** The same, with what the method has returned. */
  with(result: unknown): UndeliveredEvictionError {
    return new UndeliveredEvictionError(this.namespace, { cause: this.cause, result });
  }
}

/** `add`, `pull` or `increment` got no answer: it may have been done or not. Doing it again could do it twice. */
export class UnknownOutcomeError extends RedisCacheError {
  readonly code = 'UNKNOWN_OUTCOME';

  constructor(
    readonly operation: 'add' | 'pull' | 'increment',
    readonly key: string,
    options: ErrorOptions,
  ) {
    const [now, way] =
      operation === 'increment'
        ? ['may have been counted or not', 'Read it before you count again.']
        : ['is being evicted', 'Load it from the source.'];
    super(`Redis did not answer to ${operation}("${key}"): the entry ${now}. ${way}`, options);
  }
}
