import * as z from 'zod';
import { type CallOptions, call, type StackApi } from './call.ts';

export interface Judgement {
  readonly status: 'passed' | 'failed';
  /** In words. */
  readonly reason: string;
}

/** `PUT /sessions/{id}.json`: says whether its test passed. Errors: StackError. */
export async function judgeSession(
  api: StackApi,
  id: string,
  { status, reason }: Judgement,
  options: CallOptions = {},
): Promise<void> {
  await call(api, `/sessions/${id}.json`, z.unknown(), {
    ...options,
    method: 'PUT',
    body: { status, reason },
  });
}
