/** A list of byte strings as one argument of a script; see `lua/includes/packed-list.lua`. */
export function packedList(list: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    list.flatMap((item) => {
      const bytes = typeof item === 'string' ? Buffer.from(item, 'utf8') : item;
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32BE(bytes.length);
      return [length, bytes];
    }),
  );
}
