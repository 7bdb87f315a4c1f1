import type { Kind } from './kind.js';
import { isTag } from './tag.js';

/** Undoes the {@link TreeEncoder}: revives tagged values inside freshly decoded data, in place. */
export class TreeDecoder {
  private readonly shared = new Map<number, unknown>();

  constructor(private readonly kinds: ReadonlyMap<string, Kind>) {}

  revive(wire: unknown): unknown {
    if (typeof wire !== 'object' || wire === null) return wire;
    if (isTag(wire)) return this.reviveTag(wire[1], wire[2]);
    if (Array.isArray(wire)) return this.reviveItems(wire);
    if (Object.getPrototypeOf(wire) === Object.prototype) return this.reviveFields(wire as Record<string, unknown>);
    return wire;
  }

  private reviveTag(kind: string, data: unknown): unknown {
    switch (kind) {
      case '-0':
        return -0;
      case 'utf16':
        return (data as Buffer).toString('utf16le');
      case 'bigint':
        return BigInt(data as string);
      case 'define':
        return this.reviveShared(data as [number, unknown]);
      case 'refer':
        return this.refer(data as number);
      default:
        return this.reviveKind(kind, data);
    }
  }

  private reviveShared([id, wire]: [number, unknown]): unknown {
    if (isTag(wire)) return this.reviveKind(wire[1], wire[2], id);
    this.shared.set(id, wire);
    return this.revive(wire);
  }

  private reviveKind(name: string, data: unknown, sharedId?: number): unknown {
    const kind = this.kinds.get(name);
    if (kind === undefined) throw new TypeError(`there is no kind "${name}".`);
    const revivePart = (part: unknown): unknown => this.revive(part);
    const created = kind.create(data as never, revivePart);
    if (sharedId !== undefined) this.shared.set(sharedId, created);
    kind.fill?.(created as never, data as never, revivePart);
    return created;
  }

  private refer(id: number): unknown {
    if (!this.shared.has(id)) throw new TypeError('a reference points nowhere.');
    return this.shared.get(id);
  }

  private reviveItems(items: unknown[]): unknown[] {
    for (let at = 0; at < items.length; at += 1) items[at] = this.revive(items[at]);
    return items;
  }

  private reviveFields(fields: Record<string, unknown>): Record<string, unknown> {
    for (const key of Object.keys(fields)) fields[key] = this.revive(fields[key]);
    return fields;
  }
}
