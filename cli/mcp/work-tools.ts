import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { waitForRun } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { isFinal } from '../../protocol/states.ts';
import { expandTests } from '../submit/expand-tests.ts';
import { readBody } from '../submit/read-body.ts';
import { pack, withBundle } from '../submit/send-source.ts';
import { defineTool, type Tool, type ToolContext } from './tool.ts';

const Submit = z.object({
  tests: z.array(z.string()).min(1).describe('Paths and globs, relative to the folder of this process'),
  app_version_id: z.string().describe('The build to test, as it was registered; or any name'),
  target: z.string().optional().describe('emulator (default), device, browserstack, browser, or with a pool'),
  framework: z.string().optional(),
  grep: z.string().optional().describe('Only tests whose title matches; needs the framework playwright'),
});

/** Tools that put something into the queue, or wait for it. */
export const workTools: readonly Tool[] = [
  defineTool({
    name: 'submit_tests',
    description:
      'Runs test files of this folder on devices: packs the folder as it is, queues the tests as one run and answers its id at once. Then use wait_for_run.',
    isReadOnly: false,
    input: Submit,
    run: submit,
  }),
  defineTool({
    name: 'wait_for_run',
    description:
      'Waits until a run is final, at most `seconds`, and says how it stands. Call it again while it goes on.',
    isReadOnly: true,
    input: z.object({ run_id: z.string(), seconds: z.int().min(1).max(300).default(50) }),
    run: wait,
  }),
];

async function submit(
  { client, orgId, signal }: ToolContext,
  input: z.infer<typeof Submit>,
): Promise<unknown> {
  const { tests, missing } = expandTests(input.tests, process.cwd());
  if (missing.length > 0)
    throw new QgjobError('invalid', `not on this disk: ${missing.slice(0, 3).join(', ')}`);
  const flags = {
    appVersionId: input.app_version_id,
    ...(orgId !== undefined && { orgId }),
    ...(input.target !== undefined && { target: [input.target] }),
    ...(input.framework !== undefined && { framework: input.framework as 'playwright' }),
    ...(input.grep !== undefined && { grep: input.grep }),
  };
  const given = readBody(flags, tests);
  const packed = await pack(tests);
  try {
    const body = await withBundle(given, packed, client);
    const { run, jobs, warnings } = await client.call('submitRun', {
      body,
      idempotencyKey: randomUUID(),
      signal,
    });
    return {
      run_id: run.run_id,
      status: run.status,
      jobs: jobs.length,
      url: run.url,
      ...(warnings && { warnings }),
    };
  } finally {
    await packed.dispose();
  }
}

async function wait(
  { client, signal }: ToolContext,
  { run_id: id, seconds }: { run_id: string; seconds: number },
): Promise<unknown> {
  const over = AbortSignal.timeout(seconds * 1000);
  const ended = await waitForRun(client, id, { signal: AbortSignal.any([signal, over]) }).catch(
    (error: unknown) => {
      if (over.aborted) return undefined;
      throw error;
    },
  );
  const { status, conclusion, reason, counts } =
    ended?.run ?? (await client.call('getRun', { params: { id }, signal }));
  const next = isFinal(status) ? { next: 'explain_run' } : {};
  return { run_id: id, status, conclusion, reason, counts, ...next };
}
