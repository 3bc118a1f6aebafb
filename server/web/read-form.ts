import type { Context } from 'hono';
import { QgjobError } from '../../protocol/errors.ts';
import { readBody, strangerTimeoutMs } from '../calls/read-body.ts';
import { refuseForeignForm } from './session/own-form.ts';
import { isSame, type Session } from './session/sessions.ts';

const formBytes = 64 * 1024;

/** The fields of a form of ours. Errors: `forbidden` (of another site), `invalid`, `too_large`. */
export async function readForm(c: Context, ours: string): Promise<URLSearchParams> {
  refuseForeignForm((name) => c.req.header(name), ours);
  if (!/^application\/x-www-form-urlencoded\b/i.test(c.req.header('content-type') ?? ''))
    throw new QgjobError('invalid', 'this address takes a form of the dashboard');
  return new URLSearchParams(new TextDecoder().decode(await readBody(c, formBytes, strangerTimeoutMs)));
}

/** Refuses a form that was not made for this session. Errors: `forbidden`. */
export function checkCsrf(form: URLSearchParams, session: Session): void {
  if (isSame(form.get('csrf') ?? '', session.csrf)) return;
  throw new QgjobError(
    'forbidden',
    'this form is of an earlier session; nothing was changed: load the page again, and send it from there',
  );
}
