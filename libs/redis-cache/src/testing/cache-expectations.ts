import { inspect, isDeepStrictEqual } from 'node:util';
import type { InvalidationPlan } from '../cache/index.js';
import type { Pattern } from '../core/keys/index.js';
import type { Eviction } from './eviction-log.js';
import type { NamespaceMemory } from './namespace-memory.js';

const MOST_SHOWN = 10;

/** What a test may say about one namespace. Each answers with what is wrong, or with nothing. */
export class CacheExpectations {
  constructor(
    private readonly memory: NamespaceMemory,
    private readonly namespace: string,
  ) {}

  whyNotCached(key: string, [expected, ...rest]: readonly unknown[]): string | undefined {
    const found = this.valueOf(key);
    if (found === undefined)
      return `there is no fresh value under "${key}" in ${this.where}: ${this.whyMissing(key)} ${this.whatIsCached()}`;
    const isAsked = expected !== undefined || rest.length > 0;
    if (!isAsked || isDeepStrictEqual(found.value, expected)) return undefined;
    return `under "${key}" in ${this.where} lies another value.\nExpected: ${inspect(expected)}\nCached:   ${inspect(found.value)}`;
  }

  whyNotEvicted({ keys, patterns, tags }: InvalidationPlan): string | undefined {
    return (
      first(keys, (key) => this.whyKeyIsNotEvicted(key)) ??
      first(patterns, (pattern) => this.whyPatternIsNotEvicted(pattern)) ??
      first(tags, (tag) => this.whyTagIsNotEvicted(tag))
    );
  }

  private whyKeyIsNotEvicted(key: string): string | undefined {
    const isThere = this.memory.entries.present(key) !== undefined;
    const eviction = this.memory.evictions.ofKey(key);
    if (!isThere && eviction !== undefined) return undefined;
    if (isThere && this.memory.evictions.wasEverEvicted(key))
      return `"${key}" was evicted from ${this.where}, and has been stored again.`;
    if (isThere) return `"${key}" is in ${this.where}. ${this.whatWasEvicted()}`;
    const hint = /[*?[]/.test(key) ? ` For a pattern write { patterns: ['${key}'] }.` : '';
    return `no eviction in ${this.where} concerned the key "${key}".${hint} ${this.whatWasEvicted()}`;
  }

  private whyPatternIsNotEvicted(pattern: Pattern): string | undefined {
    const left = this.memory.entries.keys.find((key) => pattern.matches(key));
    if (left !== undefined) return `"${left}", which the pattern "${pattern.source}" matches, is in ${this.where}.`;
    const isEvicted = this.evictions.some(
      ({ plan, removed }) =>
        plan === 'all' ||
        plan.patterns.some(({ source }) => source === pattern.source) ||
        [...plan.keys, ...removed].some((key) => pattern.matches(key)),
    );
    if (isEvicted) return undefined;
    return `no eviction in ${this.where} concerned the pattern "${pattern.source}". ${this.whatWasEvicted()}`;
  }

  private whyTagIsNotEvicted(tag: string): string | undefined {
    const { entries } = this.memory;
    const left = entries.keys.find((key) => entries.tagsOf(key).includes(tag));
    if (left !== undefined) return `"${left}", which has the tag "${tag}", is in ${this.where}.`;
    const isNamed = this.evictions.some(({ plan }) => plan === 'all' || plan.tags.includes(tag));
    return isNamed ? undefined : `no eviction in ${this.where} named the tag "${tag}". ${this.whatWasEvicted()}`;
  }

  private get where(): string {
    return `the cache namespace "${this.namespace}"`;
  }

  private get evictions(): readonly Eviction[] {
    return this.memory.evictions.all;
  }

  private valueOf(key: string): { readonly value: unknown } | undefined {
    const { entries } = this.memory;
    const there = entries.present(key);
    const stored = there && entries.decode(there.bytes);
    return stored !== undefined && stored.isError === undefined && entries.isFresh(stored) ? stored : undefined;
  }

  private whyMissing(key: string): string {
    const { entries, evictions } = this.memory;
    const there = entries.present(key);
    if (there !== undefined)
      return entries.decode(there.bytes).isError === true ? 'a remembered error lies there.' : 'it was marked stale.';
    const eviction = evictions.ofKey(key);
    if (!evictions.wasStored(key)) return 'it was never stored.';
    return eviction === undefined ? 'it has expired, or was taken out.' : `it was evicted by ${described(eviction)}.`;
  }

  private whatIsCached(): string {
    const { keys } = this.memory.entries;
    return keys.length === 0 ? 'Nothing is cached there.' : `Cached are ${listed(keys)}.`;
  }

  private whatWasEvicted(): string {
    const texts = this.evictions.slice(-MOST_SHOWN).map(described);
    return texts.length === 0 ? 'Nothing was evicted there.' : `Evicted, latest last: ${texts.join(' | ')}.`;
  }
}

function first<T>(all: readonly T[], problemOf: (one: T) => string | undefined): string | undefined {
  for (const one of all) {
    const problem = problemOf(one);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function described({ plan }: Eviction): string {
  if (plan === 'all') return 'clear()';
  const { keys, tags } = plan;
  const patterns = plan.patterns.map(({ source }) => source);
  const named = Object.entries({ keys, patterns, tags }).filter(([, names]) => names.length > 0);
  return named.map(([kind, names]) => `${kind} ${listed(names)}`).join(', ') || 'an empty target';
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_SHOWN).map((name) => `"${name}"`);
  const left = names.length - shown.length;
  return shown.join(', ') + (left > 0 ? ` and ${left} more` : '');
}
