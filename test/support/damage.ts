import type { RedisConnection } from 'nestjs-redis-cache';

/** Makes the stored bytes of a key unreadable: one becomes NUL. @param options which; the last by default */
export async function damage(
  { topology }: RedisConnection,
  key: string,
  { at }: { readonly at?: number } = {},
): Promise<void> {
  for (const primary of topology.primaries()) {
    for await (const found of primary.scanStream({ match: `*:${key}` }) as AsyncIterable<string[]>) {
      const strings = found.filter((name) => !name.includes(':cache-'));
      for (const name of strings) await primary.setrange(name, at ?? (await primary.strlen(name)) - 1, '\0');
    }
  }
}
