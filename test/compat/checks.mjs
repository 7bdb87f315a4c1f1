/** @typedef {ReturnType<typeof createChecks>} Checks */

/** Prints a line for each check, and counts them. */
export function createChecks() {
  let passed = 0;
  let failed = 0;
  return {
    /** @param {string} title @param {() => unknown} verify throws or rejects when it is not so */
    check: async (title, verify) => {
      try {
        await verify();
        passed += 1;
        console.log(`ok      ${title}`);
        return true;
      } catch (error) {
        failed += 1;
        console.log(`FAILED  ${title}\n${String(error).replace(/^/gm, '        ')}`);
        return false;
      }
    },
    counts: () => ({ passed, failed }),
  };
}
