import { QgjobError } from '../protocol/errors.ts';

/** What a server adds to a submit that it takes: warnings, in words. */
export function warningsOf(answer: object): string[] {
  const { warnings } = answer as { warnings?: unknown };
  if (!Array.isArray(warnings)) return [];
  return warnings.filter((one): one is string => typeof one === 'string' && one.trim() !== '');
}

const field = /`?allow_no_device(?:["`]?: ?true)?`?/;

/**
 * The error of a submit whose target no device has ever offered, with the way to queue it all the same in the words of
 * whoever submits (`--allow-no-device`). Every other error is answered as it is.
 */
export function adviseNoDevice(error: unknown, flag: string): unknown {
  if (!(error instanceof QgjobError) || error.code !== 'no_device') return error;
  const { code, details, requestId } = error;
  const told = `${error.message}${nearOnes(error)}`;
  const message = field.test(told)
    ? told.replace(field, flag)
    : `${told.replace(/[.;\s]+$/, '')}; to queue it all the same and wait for such a device: ${flag}`;
  return new QgjobError(code, message, {
    ...(details && { details }),
    ...(requestId && { requestId }),
    cause: error,
  });
}

/** Pools that the details name and the message does not. */
function nearOnes({ message, details = {} }: QgjobError): string {
  const named = Object.values(details)
    .flat()
    .filter((one): one is string => typeof one === 'string');
  const missing = named.filter((one) => one.includes('/') && !message.includes(one)).slice(0, 10);
  return missing.length > 0 ? `; near it are ${missing.join(', ')}` : '';
}
