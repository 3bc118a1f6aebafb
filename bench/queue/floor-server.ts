// The floor of a submit: Hono, body reading and zod as in the server and an answer of the same size, but no tokens and
// no database. Sends its address to the parent process and runs until the parent is gone.
import { Hono } from 'hono';
import type { SubmitJob } from '../../protocol/shapes/run.ts';
import { readInput } from '../../server/http/read-call.ts';
import { listen } from '../../server/listen.ts';
import { jobAnswer } from './job-answer.ts';

const app = new Hono();
let made = 0;

app.post('/v1/jobs', async (c) => {
  const { body } = await readInput(c, 'submitJob');
  made += 1;
  return c.json(jobAnswer(body as SubmitJob, made), 201);
});

const listener = await listen('127.0.0.1', 0);
listener.open(app.fetch as (request: Request) => Response | Promise<Response>);
process.once('disconnect', () => process.exit(0));
process.send?.(listener.url);
