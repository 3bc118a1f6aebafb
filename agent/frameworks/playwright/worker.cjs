// Runs in each worker of Playwright Test, which loads the generated configuration too: it ends the test that runs when
// the agent says so, softly, so that its trace, video and screenshot are kept.
'use strict';
const { readFileSync, writeFileSync } = require('node:fs');

const pollMs = 50;

/**
 * Nothing outside of a worker.
 * @param {{ info(): { setTimeout(ms: number): void, titlePath: string[] } }} test The suite's own `test`.
 * @param {{ control: string, worker: string }} files As for the reporter.
 */
module.exports = function obeyInWorker(test, { control, worker }) {
  if (process.env.TEST_WORKER_INDEX === undefined) return;
  writeFileSync(worker, String(process.pid));
  // An order from before this worker was for a test of an earlier one.
  let done = readOrders(control).length;
  const timer = setInterval(() => {
    const orders = readOrders(control);
    for (const { order, file } of orders.slice(done)) if (order === 'end') endRunning(test, file);
    done = orders.length;
  }, pollMs);
  timer.unref();
};

function readOrders(control) {
  try {
    const lines = readFileSync(control, 'utf8').split('\n').slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

/** At 1 ms every test times out, with evidence, hooks and fixtures as after any time-out. */
function endRunning(test, file) {
  try {
    const info = test.info();
    // The first title is the path of the file below the folder of the tests. By now a test of another file may run.
    const [running, meant] = [info.titlePath[0], file].map((path) => `/${path.replaceAll('\\', '/')}`);
    if (meant.endsWith(running)) info.setTimeout(1);
  } catch {
    // No test runs now.
  }
}
