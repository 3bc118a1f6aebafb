import { QgjobError } from '../protocol/errors.ts';

/** The server's warnings about a submit that it accepted. */
export function warningsOf(answer: object): string[] {
  const { warnings } = answer as { warnings?: unknown };
  if (!Array.isArray(warnings)) return [];
  return warnings.filter((one): one is string => typeof one === 'string' && one.trim() !== '');
}

const field = /`?allow_no_device(?:["`]?: ?true)?`?/;

/**
 * For `no_device` (no device has ever offered the target): the same error, which also names the `flag` that queues the
 * submit all the same (`--allow-no-device`). Any other error is returned as it is.
 */
export function adviseNoDevice(error: unknown, flag: string): unknown {
  if (!(error instanceof QgjobError) || error.code !== 'no_device') return error;
  const { code, details, requestId } = error;
  const words = `${error.message}${nearOnes(error)}`;
  const message = field.test(words)
    ? words.replace(field, flag)
    : `${words.replace(/[.;\s]+$/, '')}; to queue it all the same and wait for such a device: ${flag}`;
  return new QgjobError(code, message, {
    ...(details && { details }),
    ...(requestId && { requestId }),
    cause: error,
  });
}

/** Pools near the target that are in the details and not in the message. */
function nearOnes({ message, details = {} }: QgjobError): string {
  const named = Object.values(details)
    .flat()
    .filter((one): one is string => typeof one === 'string');
  const missing = named.filter((one) => one.includes('/') && !message.includes(one)).slice(0, 10);
  return missing.length > 0 ? `; near it are ${missing.join(', ')}` : '';
}
