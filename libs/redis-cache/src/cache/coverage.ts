/** Which keys a change may concern. */
export interface Coverage {
  /** All of them, where they are known by name. */
  readonly keys?: readonly string[];
  /** @param tags those of the value, where it is known. What a tag concerns is not known before: everything. */
  readonly covers: (key: string, tags?: readonly string[]) => boolean;
}

export const EVERYTHING: Coverage = { covers: () => true };

export function coverageOfKey(key: string): Coverage {
  return { keys: [key], covers: (other) => other === key };
}
