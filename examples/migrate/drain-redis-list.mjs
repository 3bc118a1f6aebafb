// Submits the jobs of a queue of your own to qgjob, one JSON object a line:
//
//   redis-cli LRANGE jobs 0 -1 > jobs.jsonl
//   QGJOB_SERVER_URL=https://qgjob.example.com QGJOB_TOKEN=… node drain-redis-list.mjs jobs.jsonl
//
// Each is sent under a key made of its own id, so a second run, or one after a crash, submits nothing twice. Prints a line
// for each job; exits with 1 where one was refused. A job that was submitted under its key with another body stays as it is:
// that is said, and no refusal. `--dry-run` prints what would be sent, and needs no server.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

/** Your job as a submit: change this to your names. What is undefined is left out. */
const toSubmit = (job) => ({
  org_id: job.org_id,
  app_version_id: job.app_version_id,
  test_path: job.test_path,
  target: job.target,
  priority: job.priority,
  max_retries: job.max_retries,
});

/** The same for the same job, whenever it is read. */
const keyOf = (job, line) =>
  `redis-${job.job_id ?? job.id ?? createHash('sha256').update(line).digest('hex')}`;

const tries = 8;
const pauseMs = 500;

/** The server's answer: tried again while it is away or asks to wait, never where it refused the job. */
async function send(body, key) {
  for (let number = 1; ; number += 1) {
    const answer = await fetch(new URL('/v1/jobs', process.env.QGJOB_SERVER_URL), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${process.env.QGJOB_TOKEN}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify(body),
      redirect: 'error',
    }).catch((error) => error);
    const isAway = answer instanceof Error || answer.status === 429 || answer.status >= 500;
    if (!isAway) return answer;
    if (number === tries)
      throw new Error(`the server is away: ${answer.cause?.message ?? answer.statusText}`);
    const askedMs = answer instanceof Error ? 0 : askedWait(answer.headers.get('retry-after') ?? '0');
    await sleep(Math.max(askedMs, pauseMs * 2 ** number));
  }
}

/** Milliseconds, from the seconds or the date of a Retry-After; 0 where it is neither. */
function askedWait(said) {
  const ms = Number.isNaN(Number(said)) ? Date.parse(said) - Date.now() : Number(said) * 1000;
  return Number.isNaN(ms) ? 0 : ms;
}

/** The key has a job already, made of another body: that of two submits which do not send the same fields, say. */
const isKeyTaken = (answer, error) =>
  answer.status === 409 && error?.code === 'conflict' && /\bIdempotency-Key\b/.test(error.message);

let otherBodies = 0;

/** True where the server has the job now. */
async function submitLine(line, number, isDryRun) {
  let job;
  try {
    job = JSON.parse(line);
  } catch {
    console.error(`line ${number}: is no JSON`);
    return false;
  }
  const [body, key] = [toSubmit(job), keyOf(job, line)];
  if (isDryRun) {
    console.log(`${key}  ${JSON.stringify(body)}`);
    return true;
  }
  const answer = await send(body, key);
  const said = await answer.json();
  if (isKeyTaken(answer, said.error)) {
    otherBodies += 1;
    console.log(`-  ${key}  was there already, with another body`);
    return true;
  }
  if (!answer.ok) {
    console.error(`line ${number}: ${said.error?.message ?? answer.status}`);
    return false;
  }
  console.log(`${said.job_id}  ${key}  ${answer.status === 201 ? 'submitted' : 'was there already'}`);
  return true;
}

const { values, positionals } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const [file = '-'] = positionals;
const lines = readFileSync(file === '-' ? 0 : file, 'utf8').split('\n');
for (const [index, line] of lines.entries()) {
  if (line.trim() === '') continue;
  if (!(await submitLine(line, index + 1, values['dry-run']))) process.exitCode = 1;
}
if (otherBodies > 0) {
  console.error(
    `there already, with another body than in the file: ${otherBodies}; they stay as they were submitted`,
  );
}
