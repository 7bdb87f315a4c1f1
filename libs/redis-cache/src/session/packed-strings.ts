const SHORT_LIST = 0x90;
const LIST_16 = 0xdc;
const SHORT_STRING = 0xa0;
const STRING_8 = 0xd9;
const STRING_16 = 0xda;
const NOT_ASCII = /[\x80-\xff]/;

/**
 * Reads, one after the other, the strings of a list that `cmsgpack.pack` has made in a script. Lua's strings are bytes, but
 * are marked as text there, so that other readers of MessagePack would damage them.
 * See https://github.com/msgpack/msgpack/blob/master/spec.md
 */
export class PackedStrings {
  /** A character for each byte: pieces of one text cost less than texts made from pieces of a buffer. */
  private readonly latin1: string;
  private left: number;
  private at = 1;

  constructor(private readonly packed: Buffer) {
    this.latin1 = packed.toString('latin1');
    const kind = packed[0]!;
    this.left = kind < LIST_16 ? kind - SHORT_LIST : this.readSize(kind === LIST_16 ? 2 : 4);
  }

  get hasMore(): boolean {
    return this.left > 0;
  }

  text(): string {
    const latin1 = this.latin1.slice(this.begin(), this.at);
    return NOT_ASCII.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
  }

  bytes(): Buffer {
    return this.packed.subarray(this.begin(), this.at);
  }

  /** Goes behind the next string, and returns where that begins. */
  private begin(): number {
    this.left -= 1;
    const length = this.readLength(this.packed[this.at++]!);
    this.at += length;
    return this.at - length;
  }

  private readLength(kind: number): number {
    if (kind < STRING_8) return kind - SHORT_STRING;
    if (kind === STRING_8) return this.packed[this.at++]!;
    return this.readSize(kind === STRING_16 ? 2 : 4);
  }

  private readSize(bytes: 2 | 4): number {
    const size = this.packed.readUIntBE(this.at, bytes);
    this.at += bytes;
    return size;
  }
}
