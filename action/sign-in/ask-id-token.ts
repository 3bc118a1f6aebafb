import * as core from '@actions/core';
import { QgjobError } from '../../protocol/errors.ts';

/** An OIDC token of this job, masked in the log. Errors: `unauthorized` in words, where GitHub gives none. */
export async function askIdToken(audience: string): Promise<string> {
  try {
    return await core.getIDToken(audience);
  } catch (error) {
    const why = (error as Error).message.replace(/^Error message: /, '');
    throw new QgjobError(
      'unauthorized',
      `GitHub gave no OIDC token for this job (${why}): has it the permission id-token: write?`,
      { cause: error },
    );
  }
}
