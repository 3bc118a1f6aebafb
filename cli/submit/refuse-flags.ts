import { QgjobError } from '../../protocol/errors.ts';
import { refuseTimeoutAlone } from '../wait/wait-flags.ts';
import type { SubmitFlags } from './submit-flags.ts';

/** Refuses flags that are missing, contradict, or come with a later version. Errors: `invalid`. */
export function refuseFlags(flags: SubmitFlags): void {
  const { appVersionId, source = 'workspace', app } = flags;
  if (!appVersionId) throw refusal('--app-version-id is missing; name the app version to test');
  if (source === 'bundle' || source === 'git') {
    throw refusal(
      `--source=${source} comes with a later version; this version runs tests from the agent's workspace`,
    );
  }
  if (source !== 'workspace') throw refusal(`--source: "${source}" is not known; use workspace`);
  if (app !== undefined) {
    throw refusal('--app comes with a later version; in this one the framework of the agent brings the app');
  }
  refuseTimeoutAlone(flags, ', or limit each test with --test-timeout');
}

const refusal = (message: string): QgjobError => new QgjobError('invalid', message);
