import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Attempt } from '../../protocol/shapes/job.ts';
import { readDeviceNames } from '../fleet/device-names.ts';

/** How an attempt went. */
export interface Ran {
  readonly attempt: number;
  /** Its name; `local` where the job has not run. */
  readonly device: string;
  readonly verdict: Attempt['verdict'];
  /** Set where it ran so many tests of the file alone. */
  readonly retried: number | null;
}

/** The attempt of this number, or the last one. Errors: `not_found`. */
export async function findRan(client: Client, jobId: string, number: number | undefined): Promise<Ran> {
  const { attempts } = await client.call('listAttempts', { params: { id: jobId } });
  const found = number === undefined ? attempts.at(-1) : attempts.find(({ attempt }) => attempt === number);
  if (found) {
    const { attempt, verdict, retried_tests: retried, device_id: id } = found;
    return { attempt, verdict, retried, device: await nameOf(client, id) };
  }
  if (number === undefined) return { attempt: 1, device: 'local', verdict: null, retried: null };
  throw new QgjobError('not_found', `${jobId} has no attempt ${number}; it has ${attempts.length}`);
}

/** A device that is gone has its id. */
async function nameOf(client: Client, id: string): Promise<string> {
  const names = await readDeviceNames(client).catch(() => new Map<string, string>());
  return names.get(id) ?? id;
}
