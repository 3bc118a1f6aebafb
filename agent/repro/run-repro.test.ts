import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { verdictOfCommand } from '../frameworks/verdict-of-command.ts';
import { makeWorkspace } from '../test-support/host.ts';
import type { PlannedRepro, Step } from './plan-repro.ts';
import { runStep, runTest } from './run-repro.ts';

function planOf(script: string) {
  const folder = makeWorkspace({});
  const env = { PATH: process.env.PATH ?? '' };
  const step: Step = { name: 'test', argv: ['sh', '-c', script], cwd: folder, env, own: {} };
  const config = join(folder, 'beside.config');
  const planned: PlannedRepro = {
    ...{ framework: 'command', steps: [step], ownSignal: 'SIGTERM', whyNot: undefined, notes: [] },
    test: {
      command: step,
      outside: [{ path: config, text: 'ours' }],
      watch: (show) => ({
        write: show,
        end: async (end, tail) => verdictOfCommand(end, undefined, tail),
      }),
    },
  };
  return { folder, config, planned, step };
}

test('a test that is stopped ends with all that it has started, and the files beside the suite are removed', async () => {
  const { folder, config, planned } = planOf('cat beside.config; sleep 60');
  const stop = new AbortController();
  let shown = '';
  const result = await runTest(planned, 60_000, {
    ...{ folder, stop: stop.signal, kill: new AbortController().signal },
    show: (bytes) => {
      shown += bytes.toString();
      stop.abort();
    },
  });
  expect([result, shown]).toEqual([{ verdict: 'cancelled' }, 'ours']);
  expect(existsSync(config)).toBe(false);
});

test('an install is refused by what it says, whatever its exit is', async () => {
  const { folder, step } = planOf('echo "Failure [INSTALL_FAILED]"');
  const never = new AbortController().signal;
  const options = { ...{ folder, stop: never, kill: never }, show: () => undefined };
  expect(await runStep(step, options)).toBeUndefined();
  expect(await runStep({ ...step, refuse: (tail) => `said ${tail}` }, options)).toBe(
    'said Failure [INSTALL_FAILED]',
  );
});
