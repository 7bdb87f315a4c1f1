/** What a process is asked to fill its memory with. */
export interface Filling {
  readonly shape: keyof typeof SHAPES;
  readonly limits: { readonly maxEntries: number; readonly maxBytes: number };
}

export interface Filled {
  /** By how much the memory of the process has grown. */
  readonly grown: number;
  /** So many copies were left in all. */
  readonly left: number;
  readonly most: { readonly entries: number; readonly bytes: number };
  readonly entries: number;
  readonly counted: number;
}

/** Values of many shapes, each another one. */
export const SHAPES = {
  'a number': (at: number): unknown => at,
  'a record': (at: number): unknown => ({ id: `p-${at}`, name: `Tea ${at}`, price: at + 0.5, tags: ['a', 'b'] }),
  'a list of records': (at: number): unknown =>
    Array.from({ length: 50 }, (_, each) => ({ id: at * 100 + each, name: `Tea ${at} ${each}`, stock: null })),
  'a long text': (at: number): unknown => `${at} ${'tea '.repeat(2_000)}`,
  'a long text beyond Latin-1': (at: number): unknown => ({ text: `${at} ${'чай '.repeat(2_000)}` }),
  'a list of numbers': (at: number): unknown => Array.from({ length: 500 }, (_, each) => at + each / 3),
  'a wide record': (at: number): unknown =>
    Object.fromEntries(Array.from({ length: 50 }, (_, each) => [`field ${each}`, at])),
  'a dictionary': (at: number): unknown =>
    Object.fromEntries(Array.from({ length: 50 }, (_, each) => [`field ${at} ${each}`, each])),
  'bytes, decoded for each read': (at: number): unknown => ({ at: new Date(at), text: 'tea '.repeat(500) }),
};
