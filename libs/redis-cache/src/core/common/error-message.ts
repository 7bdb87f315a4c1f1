/** The message of anything that was thrown. Does not lean on `instanceof`: errors cross realms and package copies. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) return String(thrown.message);
  return String(thrown);
}
