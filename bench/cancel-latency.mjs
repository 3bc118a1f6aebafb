// `npm run bench:cancel`: how long it takes from a cancel to a device that is free again, with the built programs, their
// usual times and real children. Fails where it takes longer than is promised, or where something stays alive.
import { cancelTest, openCancelLab, startTest, tests } from '../test/faults/cancel-lab.ts';
import { findChildren } from '../test/faults/children.ts';

const obedientCount = 40;
const deafCount = 10;
/** SIGTERM, 10 s, SIGTERM, 5 s, SIGKILL. */
const ladderMs = 15_000;
const promisedMs = 1000;

/** One after the other. */
async function measureObedient(lab) {
  const times = [];
  for (let n = 0; n < obedientCount; n += 1) {
    times.push(await cancelTest(lab, await startTest(lab, tests.obedient)));
  }
  return times;
}

/** All at once, each on a device of its own. */
async function measureDeaf(lab) {
  const jobs = await Promise.all(Array.from({ length: deafCount }, () => startTest(lab, tests.deaf)));
  return Promise.all(jobs.map((job) => cancelTest(lab, job)));
}

/** The least of the times that this share of them does not exceed. */
const percentile = (times, share) => times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1];

/** Prints a row; answers whether the promise was kept. */
function report(name, times, boundMs) {
  const [p50, p95, max] = [0.5, 0.95, 1].map((share) => Math.round(percentile(times, share)));
  const isKept = p95 <= boundMs;
  const figures = [times.length, p50, p95, max, boundMs].map((figure) => String(figure).padStart(8)).join('');
  console.log(`${name.padEnd(30)}${figures}  ${isKept ? 'kept' : 'NOT KEPT'}`);
  return isKept;
}

const lab = await openCancelLab(deafCount + 1);
try {
  const [obedient, deaf] = await Promise.all([measureObedient(lab), measureDeaf(lab)]);
  const left = findChildren(lab.workspace);
  console.log(`${'cancel to device free, ms'.padEnd(30)}       n     p50     p95     max   bound`);
  const kept = [
    report('a test that obeys its signal', obedient, promisedMs),
    report('a test that ignores it', deaf, ladderMs + promisedMs),
  ];
  console.log(`processes left alive: ${left.length}`);
  for (const { pid, command } of left) console.log(`  ${pid} ${command}`);
  if (kept.includes(false) || left.length > 0) process.exitCode = 1;
} finally {
  await lab.close();
}
