import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { QgjobError } from '../../protocol/errors.ts';

const run = promisify(execFile);

/** The user of the system that tests run as. */
export interface TestUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** Looks a user up by name, wherever the host keeps its users. Errors: `invalid`, one line. */
export async function findUser(name: string): Promise<TestUser> {
  // A name is never read as an option.
  const found = await run('getent', ['passwd', '--', name]).catch(
    (error: Error & { code?: unknown }) => error,
  );
  if (found instanceof Error)
    throw new QgjobError(
      'invalid',
      found.code === 2
        ? `isolation_user: this host has no user ${name}; make one (useradd --create-home ${name}) or name another`
        : `isolation_user: the user ${name} cannot be looked up: ${found.message.split('\n')[0]}`,
    );
  const [known = '', , uid, gid, , home = ''] = found.stdout.trim().split(':');
  return { name: known, uid: Number(uid), gid: Number(gid), home };
}
