import { assertKey } from '../core/keys/index.js';
import { InvalidOptionError } from '../core/common/index.js';
import type { CacheAccess } from './cache-access.js';
import type { MethodCall } from './method-plan.js';
import type { MethodSite } from './method-site.js';
import type { TextRule } from './text-rules.js';
import { MARK } from './variants.js';

/** The key of a call, where the options of the method say how it is made. */
export class ExplicitKey {
  constructor(
    private readonly rule: TextRule,
    private readonly parts: {
      readonly site: MethodSite;
      readonly access: CacheAccess;
      readonly namespace: string | undefined;
    },
  ) {}

  /** @throws InvalidOptionError for a key that a caller has chosen so that he would read what is another method's or variant's */
  of(call: MethodCall): string {
    const [key] = this.rule(call);
    assertKey(key);
    const { access, namespace, site } = this.parts;
    if (key.includes(MARK))
      throw new InvalidOptionError(site.option('key'), 'holds U+0001, which marks the variants of a key (varyBy).');
    const owner = access.claims.ownerOfHead(namespace, key);
    if (owner === undefined) return key;
    throw new InvalidOptionError(
      site.option('key'),
      `begins as the default keys of ${owner} do. Begin it differently.`,
    );
  }
}
