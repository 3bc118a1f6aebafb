import { mayBeSecret } from '../../protocol/may-be-secret.ts';
import { secretParts } from '../../protocol/secret-parts.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Masks } from '../logs/masks.ts';
import { isSwitchWord } from '../logs/secrets.ts';

/**
 * Masks what a lease brings: its token, and of what the submit gives to its tests each value that may be a secret, whole and
 * its parts. Until the function that it answers is called.
 */
export function maskLease(masks: Pick<Masks, 'add'>, { token, params = {} }: Lease): () => void {
  const secrets = Object.entries(params).flatMap(([name, value]) => [
    ...(mayBeSecret(name, value) ? [value] : []),
    ...secretParts(value),
  ]);
  const masked = [token, ...new Set(secrets.filter((value) => !isSwitchWord(value)))];
  const undo = masked.map((secret) => masks.add(secret));
  return () => {
    for (const unmask of undo) unmask();
  };
}
