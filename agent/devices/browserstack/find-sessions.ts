import type { StackApi } from './api/call.ts';
import { listBuilds } from './api/list-builds.ts';
import { listSessions } from './api/list-sessions.ts';
import type { Session } from './api/session.ts';

export interface SessionSearch {
  readonly build: string;
  /** A session with one of these in its name is one of the attempt's. */
  readonly marks: readonly string[];
  /** In a build with this in its name all are: of a framework that names its builds itself. */
  readonly leaseId: string;
  readonly signal: AbortSignal;
}

/** The sessions of an attempt, the latest first. Errors: StackError, the reason of the signal. */
export async function findSessions(
  api: StackApi,
  { build, marks, leaseId, signal }: SessionSearch,
): Promise<Session[]> {
  const builds = await listBuilds(api, { signal });
  const found: Session[] = [];
  for (const { id, name } of builds) {
    const isOfLease = name.includes(leaseId);
    if (name !== build && !isOfLease) continue;
    const sessions = await listSessions(api, id, { signal });
    found.push(...sessions.filter((one) => isOfLease || marks.some((mark) => one.name?.includes(mark))));
  }
  return found;
}
