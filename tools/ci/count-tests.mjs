#!/usr/bin/env node
// Adds up reports that Jest has written with --json, or others in that form, and prints the sum. A test suite that could
// not run, and a report that is not there, count as one failure each.
//
//   node tools/ci/count-tests.mjs <report>...
import { readFile } from 'node:fs/promises';

/** @typedef {{ numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites?: number }} Outcomes */
/** @typedef {Outcomes & { numPendingTests?: number, numTodoTests?: number }} Report */

const reports = await Promise.all(process.argv.slice(2).map(read));
const sum = (/** @type {(report: Report) => number} */ count) =>
  reports.reduce((total, report) => total + count(report), 0);

const passed = sum(({ numPassedTests }) => numPassedTests);
const failed = sum(({ numFailedTests, numRuntimeErrorTestSuites = 0 }) => numFailedTests + numRuntimeErrorTestSuites);
const skipped = sum(({ numPendingTests = 0, numTodoTests = 0 }) => numPendingTests + numTodoTests);

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

/** @param {string} file @returns {Promise<Report>} */
async function read(file) {
  try {
    /** @type {unknown} */
    const report = JSON.parse(await readFile(file, 'utf8'));
    return /** @type {Report} */ (report);
  } catch {
    console.log(`There is no report ${file}: its tests have not run.`);
    return { numPassedTests: 0, numFailedTests: 1 };
  }
}
