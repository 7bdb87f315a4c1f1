const OBJECT_BYTES = 56;
const FIELD_BYTES = 16;
const NUMBER_BYTES = 16;
const TEXT_BYTES = 24;

/** About how much memory a tree of plain objects and arrays takes. */
export function footprintOf(root: unknown): number {
  let bytes = 0;
  const waiting = [root];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') bytes += TEXT_BYTES + next.length * (isLatin(next) ? 1 : 2);
    else if (typeof next === 'object' && next !== null) {
      const parts = Object.values(next);
      bytes += OBJECT_BYTES + parts.length * FIELD_BYTES;
      for (const part of parts) waiting.push(part);
    } else bytes += NUMBER_BYTES;
  }
  return bytes;
}

/** V8 takes one byte for each character of such a text, and two of any other. */
function isLatin(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- all of Latin-1
  return /^[\x00-\xff]*$/.test(text);
}
