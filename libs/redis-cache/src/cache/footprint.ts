const OBJECT_BYTES = 56;
const FIELD_BYTES = 8;
const NUMBER_BYTES = 8;
const TEXT_BYTES = 24;
/** What a field takes besides whose name no other object has: the name itself, and a shape of its own. */
const NAME_BYTES = 144;
/** So many names are remembered as shared. */
const MOST_NAMES = 1_000;

/**
 * About how much memory trees of plain objects and arrays take. Records share the names of their fields; where names are
 * data, as in a dictionary, each is new.
 */
export class Footprints {
  private readonly names = new Set<string>();

  of(root: unknown): number {
    let bytes = 0;
    const waiting = [root];
    while (waiting.length > 0) {
      const next = waiting.pop();
      if (typeof next === 'string') bytes += TEXT_BYTES + next.length * (isLatin(next) ? 1 : 2);
      else if (typeof next === 'object' && next !== null) {
        const parts = Object.values(next);
        bytes += OBJECT_BYTES + parts.length * FIELD_BYTES;
        if (!Array.isArray(next)) bytes += NAME_BYTES * this.newNamesOf(next);
        for (const part of parts) waiting.push(part);
      } else bytes += NUMBER_BYTES;
    }
    return bytes;
  }

  private newNamesOf(object: object): number {
    let count = 0;
    for (const name of Object.keys(object)) {
      if (this.names.has(name)) continue;
      if (this.names.size === MOST_NAMES) this.names.clear();
      this.names.add(name);
      count += 1;
    }
    return count;
  }
}

/** V8 takes one byte for each character of such a text, and two of any other. */
function isLatin(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- all of Latin-1
  return /^[\x00-\xff]*$/.test(text);
}
