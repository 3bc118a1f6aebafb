import { QgjobError } from '../../protocol/errors.ts';
import type { Principal } from '../auth/principal.ts';

/** A pull request of a stranger must not keep the devices of a team. Errors: `forbidden`. */
export function refuseWorkflow({ github }: Principal): void {
  if (github)
    throw new QgjobError('forbidden', 'a workflow borrows no devices: people do, with a token of their own');
}
