import { C1 } from 'msgpackr';

/**
 * A value of a {@link Kind} on the wire: an array that begins with MessagePack's one unused byte, 0xc1, which no data
 * can contain.
 */
export type Tag = [mark: typeof C1, kind: string, data: unknown];

export function tag(kind: string, data?: unknown): Tag {
  return [C1, kind, data];
}

export function isTag(wire: unknown): wire is Tag {
  return Array.isArray(wire) && wire[0] === C1;
}
