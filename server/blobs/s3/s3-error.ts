import { QgjobError } from '../../../protocol/errors.ts';

/** What an S3 server says of a refusal. */
interface Refusal {
  readonly status: number;
  /** Its code, like `AccessDenied`; '' where it sent none. */
  readonly code: string;
  readonly message: string;
}

const advice: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'QGJOB_S3_ACCESS_KEY_ID is not known there',
  SignatureDoesNotMatch: 'QGJOB_S3_SECRET_ACCESS_KEY is wrong, or a proxy changes the calls',
  AccessDenied: 'the key may not do this: let it read, write, list and delete in the bucket',
  NoSuchBucket: 'there is no such bucket: make it, or set QGJOB_S3_BUCKET to its name',
  AuthorizationHeaderMalformed: 'the bucket is in another region: set QGJOB_S3_REGION to it',
  PermanentRedirect:
    'the bucket is at another endpoint: set QGJOB_S3_ENDPOINT and QGJOB_S3_REGION to its own',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
};

/**
 * A refusal as callers see it: `unavailable`, since the one who calls the server cannot mend it, and agents must keep
 * what they have. `details.s3_code` is what the store calls it.
 */
export function s3Error(where: string, { status, code, message }: Refusal): QgjobError {
  const said = [code === '' ? `status ${status}` : code, message].filter(Boolean).join(': ').slice(0, 300);
  const what = advice[code] ?? (status >= 500 || status === 429 ? 'try again' : 'is this an S3 endpoint?');
  return new QgjobError('unavailable', `the object store ${where} answered ${said}: ${what}`, {
    details: { s3_code: code, s3_status: status },
  });
}

/** The same where no answer came. */
export function s3Unreachable(where: string, error: unknown): QgjobError {
  if (error instanceof QgjobError) return error;
  const { name, message, cause } = error as Error;
  const why = name === 'TimeoutError' ? 'no answer in time' : codeOf(cause) || codeOf(error) || message;
  return new QgjobError('unavailable', `the object store ${where} cannot be reached: ${why}; try again`, {
    cause: error,
  });
}

const codeOf = (error: unknown): string => String((error as { code?: unknown } | undefined)?.code ?? '');

/** The code and words of an error's XML. */
export function readRefusal(status: number, xml: string): Refusal {
  const field = (name: string): string => new RegExp(`<${name}>([^<]{0,500})</${name}>`).exec(xml)?.[1] ?? '';
  return { status, code: field('Code'), message: field('Message') };
}

/** Worth another try: the store is busy or broken for now. */
export const isPassing = (status: number): boolean => status === 429 || status >= 500;
