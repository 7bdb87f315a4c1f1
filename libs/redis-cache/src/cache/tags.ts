import { refuse } from '../core/common/index.js';

const MOST_TAGS = 64;
const MOST_BYTES = 4_096;

/** Tags lie in the entry's header, where scripts read them: at most 64, 4 KiB in all, none empty, none with a NUL. */
export function requireTags(option: string, given: unknown): readonly string[] {
  const tags = requireTagNames(option, given);
  if (tags.length > MOST_TAGS) return refuse(option, `at most ${MOST_TAGS} tags`, tags);
  if (Buffer.byteLength(tags.join('\0')) > MOST_BYTES)
    return refuse(option, `tags of at most ${MOST_BYTES} bytes in all`, tags);
  return tags;
}

/** Any number of tags, each once. */
export function requireTagNames(option: string, given: unknown): readonly string[] {
  if (!Array.isArray(given)) return refuse(option, 'an array of texts', given);
  const tags: unknown[] = [...new Set<unknown>(given)];
  const wrong = tags.find((tag) => typeof tag !== 'string' || tag === '' || tag.includes('\0') || !tag.isWellFormed());
  if (wrong !== undefined) return refuse(option, 'texts that are not empty and hold no NUL', wrong);
  return tags as string[];
}
