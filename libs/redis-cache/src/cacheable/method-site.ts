import { InvalidOptionError } from '../core/common/index.js';

export type DecoratorName = '@Cacheable' | '@CacheEvict' | '@CachePut' | '@UnitOfWork' | '@WithLock';

/** Where a decorator stands: on which method of which class. */
export class MethodSite {
  constructor(
    readonly decorator: DecoratorName,
    /** The prototype that the method was defined on. */
    readonly owner: object,
    readonly name: string | symbol,
  ) {}

  /** `ProductsRepository.find` */
  get method(): string {
    return `${classNameOf(this.owner) || '(anonymous class)'}.${String(this.name)}`;
  }

  /** `ProductsRepository.find @Cacheable.ttl`, `ProductsRepository.update @CacheEvict[0].key` */
  option(name: string): string {
    return `${this.method} ${this.decorator}${name.startsWith('[') ? '' : '.'}${name}`;
  }

  /** @throws InvalidOptionError naming class, method and decorator */
  refuse(problem: string): never {
    throw new InvalidOptionError(`${this.method} ${this.decorator}`, problem);
  }

  /** Whether instances with this prototype answer with this method, rather than with one that overrides it. */
  isReachedFrom(prototype: object): boolean {
    let at: object | null = prototype;
    while (at !== null && at !== this.owner) {
      if (Object.hasOwn(at, this.name)) return false;
      at = Object.getPrototypeOf(at) as object | null;
    }
    return at === this.owner;
  }
}

/** The name of the class whose prototype this is. */
export function classNameOf(prototype: object): string {
  return (prototype as { constructor?: { name?: string } }).constructor?.name ?? '';
}
