import { PackedStrings } from './packed-strings.js';

/** As Redis's `cmsgpack.pack` writes them. */
function packed(strings: readonly Buffer[]): Buffer {
  const { length } = strings;
  const head = length < 16 ? Buffer.from([0x90 + length]) : sized([0xdc, 2], length);
  return Buffer.concat([head, ...strings.flatMap((each) => [headOf(each.length), each])]);
}

function headOf(length: number): Buffer {
  if (length < 32) return Buffer.from([0xa0 + length]);
  if (length < 256) return sized([0xd9, 1], length);
  return length < 65_536 ? sized([0xda, 2], length) : sized([0xdb, 4], length);
}

function sized([kind, bytes]: readonly [number, number], size: number): Buffer {
  const head = Buffer.alloc(1 + bytes, kind);
  head.writeUIntBE(size, 1, bytes);
  return head;
}

describe('packed strings', () => {
  it.each([0, 1, 31, 32, 255, 256, 65_535, 65_536])('are read with a length of %d', (length) => {
    const [long, last] = [Buffer.alloc(length, 0xc3), Buffer.from('last')];
    const strings = new PackedStrings(packed([long, last]));
    expect(strings.bytes()).toEqual(long);
    expect(strings.text()).toBe('last');
    expect(strings.hasMore).toBe(false);
  });

  it.each([0, 15, 16, 65_535])('are read when there are %d', (count) => {
    const list = Array.from({ length: count }, (_, at) => Buffer.from(String(at)));
    const strings = new PackedStrings(packed(list));
    expect(list.map(() => strings.text())).toEqual(list.map(String));
    expect(strings.hasMore).toBe(false);
  });

  it('are text in UTF-8', () => {
    expect(new PackedStrings(packed([Buffer.from('Łódź 🧭')])).text()).toBe('Łódź 🧭');
  });
});
