import * as core from '@actions/core';
import { renderSummary, type SummaryInput } from '../../report/render-summary.ts';

/** Adds to the job summary. A runner without one (another CI) fails no step. */
export async function writeSummary(input: SummaryInput): Promise<void> {
  try {
    await core.summary.addRaw(renderSummary(input), true).write();
  } catch {
    core.info('This runner takes no job summary (GITHUB_STEP_SUMMARY), so none was written.');
  }
}
