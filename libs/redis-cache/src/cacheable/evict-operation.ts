import { type InvalidationTarget, requireSettle, requireTagNames } from '../cache/index.js';
import { InvalidOptionError, refuse, refuseUnknownKeys, requireObject, requireOneOf } from '../core/common/index.js';
import { assertKey, escapeGlob, Pattern, requireNamespace } from '../core/keys/index.js';
import { NOT_YET } from './cacheable.options.js';
import type { MethodCall } from './method-plan.js';
import type { MethodSite } from './method-site.js';
import { resultRule, textRule, type TextRule } from './text-rules.js';

export type Target = Required<InvalidationTarget>;
type Kind = keyof InvalidationTarget;

const KINDS: Readonly<Record<string, { readonly kind: Kind; readonly expects: 'a text' | 'an array of texts' }>> = {
  key: { kind: 'keys', expects: 'a text' },
  keys: { kind: 'keys', expects: 'an array of texts' },
  pattern: { kind: 'patterns', expects: 'a text' },
  patterns: { kind: 'patterns', expects: 'an array of texts' },
  tags: { kind: 'tags', expects: 'an array of texts' },
};

const FROM = Object.keys(KINDS).map((name) => `${name}From`);
const KNOWN = ['namespace', ...Object.keys(KINDS), 'all', ...FROM, 'when', 'settle', 'variants'];

interface KindRule {
  readonly kind: Kind;
  readonly name: string;
  readonly rule: TextRule;
}

/** One operation of `@CacheEvict`, checked. */
export class EvictOperation {
  readonly namespace: string | undefined;
  readonly when: 'success' | 'always' | 'before';
  readonly isAll: boolean;
  readonly settleMs: number;
  /** Whether keys have variants that nobody in this application knows of. */
  readonly hasVariants: boolean;
  private readonly before: readonly KindRule[];
  private readonly after: readonly KindRule[];

  /** @param at its place among the operations @throws InvalidOptionError, NotAvailableYetError */
  constructor(
    private readonly site: MethodSite,
    operation: unknown,
    private readonly at: number,
  ) {
    const path = site.option(`[${at}]`);
    const given = requireObject(path, operation);
    refuseUnknownKeys(path, given, { known: KNOWN, notYet: NOT_YET });
    const { namespace, when, all, settle, variants } = given;
    this.namespace = namespace === undefined ? undefined : requireNamespace(`${path}.namespace`, namespace);
    this.when = when === undefined ? 'success' : requireOneOf(`${path}.when`, when, ['success', 'always', 'before']);
    this.isAll = requireTrue(`${path}.all`, all);
    this.settleMs = settle === undefined ? 0 : requireSettle(`${path}.settle`, settle);
    this.hasVariants = requireTrue(`${path}.variants`, variants);
    this.before = this.rulesOf(given, '');
    this.after = this.rulesOf(given, 'From');
    this.assertSensible(path);
  }

  /** Patterns and tags are found in an index only. */
  get needsIndex(): boolean {
    return [...this.before, ...this.after].some(({ kind }) => kind !== 'keys');
  }

  get hasKeys(): boolean {
    return [...this.before, ...this.after].some(({ kind }) => kind === 'keys');
  }

  /** What the arguments say. */
  targetBefore(call: MethodCall): Target {
    return this.targetOf(this.before, call);
  }

  /** What the result says. */
  targetAfter(call: MethodCall, result: unknown): Target {
    return this.targetOf(this.after, call, result);
  }

  private rulesOf(given: Record<string, unknown>, suffix: '' | 'From'): readonly KindRule[] {
    return Object.entries(KINDS).flatMap(([stem, { kind, expects }]) => {
      const name = `[${this.at}].${stem}${suffix}`;
      const value = given[stem + suffix];
      if (value === undefined) return [];
      const option = { site: this.site, name, expects, ...(kind === 'patterns' ? { escape: escapeGlob } : {}) };
      return [{ kind, name, rule: suffix === 'From' ? resultRule(option, value) : textRule(option, value) }];
    });
  }

  private targetOf(rules: readonly KindRule[], call: MethodCall, result?: unknown): Target {
    const target: Record<Kind, string[]> = { keys: [], patterns: [], tags: [] };
    for (const { kind, name, rule } of rules)
      target[kind].push(...checked(kind, this.site.option(name), rule(call, result)));
    return target;
  }

  private assertSensible(path: string): void {
    const names = this.before.length + this.after.length;
    if (!this.isAll && names === 0)
      throw new InvalidOptionError(
        path,
        `says nothing to evict. Accepted: ${[...Object.keys(KINDS), 'all', ...FROM].join(', ')}.`,
      );
    if (this.isAll && names > 0) throw new InvalidOptionError(`${path}.all`, 'evicts everything: it stands alone.');
    const hasPatterns = [...this.before, ...this.after].some(({ kind }) => kind === 'patterns');
    if (this.settleMs > 0 && (this.isAll || hasPatterns))
      throw new InvalidOptionError(`${path}.settle`, 'works with keys and tags, not with patterns or all.');
    if (this.after.length > 0 && this.when !== 'success')
      throw new InvalidOptionError(
        `${path}.when`,
        `is '${this.when}', when there may be no result. Options that end in From go with 'success' only.`,
      );
  }
}

/** Wrong texts are found here, before the method runs, rather than when it is too late. */
function checked(kind: Kind, option: string, texts: readonly string[]): readonly string[] {
  if (kind === 'keys') texts.forEach(assertKey);
  if (kind === 'patterns') texts.forEach((pattern) => Pattern.parse(pattern));
  return kind === 'tags' ? requireTagNames(option, texts) : texts;
}

function requireTrue(option: string, given: unknown): boolean {
  if (given === undefined) return false;
  return given === true ? true : refuse(option, 'true, or nothing', given);
}
