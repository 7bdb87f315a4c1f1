/** Several keys as one argument of a script: each preceded by its length in bytes, as four bytes. */
export function joinKeys(keys: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    keys.flatMap((key) => {
      const bytes = typeof key === 'string' ? Buffer.from(key, 'utf8') : key;
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32BE(bytes.length, 0);
      return [length, bytes];
    }),
  );
}
