import { QgjobError } from '../../protocol/errors.ts';
import type { FormCall } from './page.ts';

/** The key of a form, by which it does once what it does, however often it is sent. Errors: `invalid`. */
export function readKey(call: Pick<FormCall, 'field'>): string {
  const key = call.field('key');
  if (!/^[0-9a-f-]{36}$/.test(key))
    throw new QgjobError('invalid', 'this form is not whole: load the page again, and send it from there');
  return `ui-${key}`;
}
