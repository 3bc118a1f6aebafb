import { type CallOptions, call, type StackApi } from './call.ts';
import { type Session, SessionAnswer } from './session.ts';

/** `GET /sessions/{id}.json`. Errors: StackError. */
export async function readSession(api: StackApi, id: string, options: CallOptions = {}): Promise<Session> {
  return (await call(api, `/sessions/${id}.json`, SessionAnswer, options)).automation_session;
}
