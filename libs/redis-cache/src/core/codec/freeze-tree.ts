/**
 * Freezes a tree of plain objects and arrays, so that many can hold it. @returns whether it is one: where there is
 * anything else inside (a `Date` can be changed, frozen or not), or something in two places, it is left as it is
 */
export function freezeTree(value: unknown): boolean {
  const parts = partsOf(value);
  if (parts === undefined) return false;
  for (const part of parts) Object.freeze(part);
  return true;
}

function partsOf(root: unknown): ReadonlySet<object> | undefined {
  const parts = new Set<object>();
  const waiting = [root];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'function') return undefined;
    if (typeof next !== 'object' || next === null) continue;
    if (parts.has(next) || !isPlain(next)) return undefined;
    parts.add(next);
    for (const part of Object.values(next)) waiting.push(part);
  }
  return parts;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null;
}
