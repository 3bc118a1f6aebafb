import type { RetryRule } from '../../client/index.ts';
import type { Agent } from '../agent.ts';

/** At most, before the second try; then as the one rule says. */
const firstDelayMs = 500;

/**
 * The retry rule for what must get through: for `verdictMs`, and the first trouble is said. Troubles of `who` are over
 * when it says so.
 */
export const patientRule = ({ timing, outages }: Agent, what: string, who: unknown): RetryRule => ({
  forMs: timing.verdictMs,
  firstDelayMs: Math.min(firstDelayMs, timing.backOffMs),
  onRetry: (error) => outages.say(`${what}: ${error.message} (trying again)`, who),
});
