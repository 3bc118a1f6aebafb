// The floor of a submit: Hono, body reading and zod as in the server and an answer of the same size, but no tokens and
// no database. Sends its address to the parent process and runs until the parent is gone.
import { Hono } from 'hono';
import type { SubmitJob } from '../../protocol/shapes/run.ts';
import { readInput } from '../../server/http/read-call.ts';
import { listen } from '../../server/listen.ts';

const app = new Hono();
let made = 0;

app.post('/v1/jobs', async (c) => {
  const { body } = await readInput(c, 'submitJob');
  made += 1;
  return c.json(jobOf(body as SubmitJob, made), 201);
});

/** A Job with every key of the server's answer. */
const jobOf = (body: SubmitJob, n: number) => ({
  job_id: `job_${String(n).padStart(22, '0')}`,
  run_id: `run_${String(n).padStart(22, '0')}`,
  org_id: body.org_id ?? 'bench',
  app_version_id: body.app_version_id,
  test_path: body.test_path,
  target: body.target ?? 'emulator',
  framework: body.framework ?? null,
  priority: body.priority ?? 5,
  status: 'queued',
  outcome: null,
  wait_reason: null,
  attempt: 0,
  max_retries: 3,
  retry_failed_tests: 1,
  failures: 0,
  test_failures: 0,
  crashes: 0,
  releases: 0,
  agent_id: null,
  device_id: null,
  lease_id: null,
  submitted_at: new Date().toISOString(),
  run_at: null,
  started_at: null,
  finished_at: null,
  duration_ms: null,
  error: null,
  provider: null,
  tests: null,
  report: null,
  rev: n,
});

const listener = await listen('127.0.0.1', 0);
listener.open(app.fetch as (request: Request) => Response | Promise<Response>);
process.once('disconnect', () => process.exit(0));
process.send?.(listener.url);
