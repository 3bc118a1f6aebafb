// Prints the count of a vitest JSON report as one line: `N passed, N failed` (`, N skipped`). Usage: count-tests.mjs
// FILE
import { readFileSync } from 'node:fs';

const { numPassedTests, numFailedTests, numPendingTests, numTotalTestSuites, success, testResults } =
  JSON.parse(readFileSync(process.argv[2], 'utf8'));
// A file that could not be loaded has no failed tests.
const broken = testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.length === 0,
).length;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
console.log(`${numPassedTests} passed, ${numFailedTests + broken} failed${skipped}`);
if (!success || numTotalTestSuites === 0 || numPassedTests === 0) process.exitCode = 1;
