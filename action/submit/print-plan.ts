import * as core from '@actions/core';
import type { Inputs } from '../inputs/inputs.ts';
import { cleanLine } from '../log/clean-lines.ts';
import { withoutCommands } from '../log/quiet-log.ts';
import type { Plan } from './plan-submit.ts';

/** Says what will be submitted; a dry run lists every test. */
export async function printPlan({ body, checkout, warnings }: Plan, inputs: Inputs): Promise<void> {
  for (const warning of warnings) core.warning(cleanLine(warning));
  const { tests } = body;
  const size = `${tests.length} test ${tests.length === 1 ? 'file' : 'files'} on ${inputs.targets.join(', ')}`;
  await withoutCommands((say) => {
    say(`${size}, app version ${body.app_version_id}`);
    say(
      checkout.sha === undefined
        ? "There is no git checkout here, so the agent's workspace is taken as it is."
        : `The agent's workspace must stand at commit ${checkout.sha}.`,
    );
    if (inputs.dryRun) for (const test of tests) say(test);
  });
  if (inputs.dryRun) core.info('dry-run: nothing was submitted.');
}
