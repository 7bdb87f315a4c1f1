/** The message of anything that was thrown. Does not lean on `instanceof`: errors cross realms and package copies. */
export function messageOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return String(thrown);
  // Node joins the failures of several addresses into one error that has no message of its own.
  if (thrown.message === '' && 'errors' in thrown && Array.isArray(thrown.errors)) return messageOf(thrown.errors[0]);
  return String(thrown.message);
}
