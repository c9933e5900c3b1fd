// Turns vitest's JSON report into the counts of the closing line.

/** Counts tests; a file that did not load, a report that is missing and an error outside every test count as failures. */
export function countResults(report, exitCode) {
  const results = { passed: 0, failed: 0, skippedNames: [] };
  for (const file of report?.testResults ?? []) {
    const tests = file.assertionResults ?? [];
    for (const test of tests) {
      if (test.status === 'passed') results.passed += 1;
      else if (test.status === 'failed') results.failed += 1;
      else results.skippedNames.push(test.fullName);
    }
    if (file.status === 'failed' && !tests.some((test) => test.status === 'failed')) results.failed += 1;
  }
  if (results.failed === 0 && (report === undefined || exitCode !== 0)) results.failed = 1;
  return results;
}

/** The last line of a run: 'N passed, N failed', and how many were skipped when any were. */
export function closingLine({ passed, failed, skippedNames }) {
  const skipped = skippedNames.length > 0 ? `, ${skippedNames.length} skipped` : '';
  return `${passed} passed, ${failed} failed${skipped}`;
}
