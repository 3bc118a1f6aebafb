import { QgjobError } from '../../protocol/errors.ts';
import type { SubmitRun } from '../../protocol/shapes/run.ts';

/** Refuses what the contract names and this version does not do yet, rather than ignoring it. Errors: `invalid`. */
export function checkSubmit(body: Omit<SubmitRun, 'tests' | 'targets'>): void {
  if (body.source && body.source.kind !== 'workspace') {
    throw new QgjobError(
      'invalid',
      `source: this version runs tests from the agent's workspace only, not from a ${body.source.kind}`,
    );
  }
  const later = (['on_client_gone', 'comment'] as const).find(
    (name) => body[name] !== undefined && body[name] !== 'keep' && body[name] !== 'off',
  );
  if (later) throw new QgjobError('invalid', `${later}: this version does not do that yet; leave it out`);
}
