import * as core from '@actions/core';
import { renderSummary, type SummaryInput } from '../../report/render-summary.ts';

/** Adds to the job summary, `maxBytes` at most. A runner without one (another CI) fails no step. */
export async function writeSummary(input: SummaryInput, maxBytes?: number): Promise<void> {
  try {
    await core.summary.addRaw(renderSummary(input, maxBytes), true).write();
  } catch {
    core.info('This runner takes no job summary (GITHUB_STEP_SUMMARY), so none was written.');
  }
}
