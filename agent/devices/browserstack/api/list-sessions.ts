import * as z from 'zod';
import { type CallOptions, call, type StackApi } from './call.ts';
import { type Session, SessionAnswer } from './session.ts';

/** `GET /builds/{id}/sessions.json`: the latest hundred of a build. Errors: StackError. */
export async function listSessions(
  api: StackApi,
  buildId: string,
  options: CallOptions = {},
): Promise<Session[]> {
  const path = `/builds/${buildId}/sessions.json?limit=100`;
  const sessions = await call(api, path, z.array(SessionAnswer), options);
  return sessions.map(({ automation_session }) => automation_session);
}
