import { InvalidOptionError } from '../core/common/index.js';
import type { MethodSite } from './method-site.js';

interface Claim {
  readonly site: MethodSite;
  readonly prototype: object;
}

/** Which method uses which keys, so that no two methods of an application answer for each other. */
export class KeyClaims {
  private readonly heads = new Map<string, Claim>();
  private readonly texts = new Map<string, Claim>();

  /**
   * Takes the beginning of a method's default keys.
   * @throws InvalidOptionError when a class of the same name has it
   */
  claimHead(namespace: string | undefined, head: string, claim: Claim): void {
    const name = nameOf(namespace, head);
    const other = this.heads.get(name);
    if (other !== undefined && !isSame(other, claim))
      throw new InvalidOptionError(
        claim.site.option('key'),
        `is needed: another class has the same name, so both would use the default keys "${head}". ` +
          'Write a key, rename one of the classes, or give one of them a namespace with @CacheConfig.',
      );
    this.heads.set(name, claim);
  }

  /** The method whose default keys begin as this key does. */
  ownerOfHead(namespace: string | undefined, key: string): string | undefined {
    const end = key.indexOf(':');
    return this.heads.get(nameOf(namespace, end === -1 ? key : key.slice(0, end)))?.site.method;
  }

  /** Takes a key that was written out as a text. @returns the method that has it already */
  claimText(namespace: string | undefined, text: string, claim: Claim): string | undefined {
    const name = nameOf(namespace, text);
    const other = this.texts.get(name);
    if (other !== undefined && !isSame(other, claim)) return other.site.method;
    this.texts.set(name, claim);
    return undefined;
  }
}

function nameOf(namespace: string | undefined, text: string): string {
  return `${namespace ?? 'default'}\0${text}`;
}

function isSame(one: Claim, other: Claim): boolean {
  return one.prototype === other.prototype && one.site === other.site;
}
