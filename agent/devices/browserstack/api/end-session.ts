import { type CallOptions, type StackApi, send } from './call.ts';

/** WebDriver's own end of a session, `DELETE /session/{id}` at the hub. One that has ended already is none. Errors: StackError. */
export async function endSession(api: StackApi, id: string, options: CallOptions = {}): Promise<void> {
  await send(api, `${api.hub}/session/${id}`, { timeoutMs: 15_000, ...options, method: 'DELETE' });
}
