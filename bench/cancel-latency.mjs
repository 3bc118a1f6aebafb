// `npm run bench:cancel`: the time from a cancel until the device is free again, with the built programs, their default
// times and real child processes. Fails if it takes longer than promised, or if a process of a test stays alive.
import { cancelTest, openCancelLab, startTest, tests } from '../test/faults/cancel-lab.ts';
import { findChildren } from '../test/faults/children.ts';
import { percentile } from './stats.ts';

const obeyingCount = 40;
const ignoringCount = 10;
/** SIGTERM, 10 s, SIGTERM, 5 s, SIGKILL. */
const ladderMs = 15_000;
const promisedMs = 1000;

/** One after the other. */
async function measureObeying(lab) {
  const times = [];
  for (let n = 0; n < obeyingCount; n += 1) {
    times.push(await cancelTest(lab, await startTest(lab, tests.obeying)));
  }
  return times;
}

/** All at once, each on a device of its own. */
async function measureIgnoring(lab) {
  const jobs = await Promise.all(Array.from({ length: ignoringCount }, () => startTest(lab, tests.ignoring)));
  return Promise.all(jobs.map((job) => cancelTest(lab, job)));
}

/** Prints a row; true if the promise was kept. */
function report(name, times, boundMs) {
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => Math.round(percentile(times, share)));
  const isKept = p95 <= boundMs;
  const figures = [times.length, p50, p95, max, boundMs].map((figure) => String(figure).padStart(8)).join('');
  console.log(`${name.padEnd(30)}${figures}  ${isKept ? 'kept' : 'NOT KEPT'}`);
  return isKept;
}

const lab = await openCancelLab(ignoringCount + 1);
try {
  const [obeying, ignoring] = await Promise.all([measureObeying(lab), measureIgnoring(lab)]);
  const left = findChildren(lab.workspace);
  console.log(`${'cancel to device free, ms'.padEnd(30)}       n     p50     p95     max   bound`);
  const kept = [
    report('a test that obeys its signal', obeying, promisedMs),
    report('a test that ignores it', ignoring, ladderMs + promisedMs),
  ];
  console.log(`processes left alive: ${left.length}`);
  for (const { pid, command } of left) console.log(`  ${pid} ${command}`);
  if (kept.includes(false) || left.length > 0) process.exitCode = 1;
} finally {
  await lab.close();
}
