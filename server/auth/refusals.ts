import { type ErrorCode, QgjobError } from '../../protocol/errors.ts';

/** Bad tokens by address: whether more of them are looked at. */
export interface Refusals {
  take(address: string): boolean;
  isEmpty(address: string): boolean;
}

/** The result of `work`; where that is an error of these codes, it counts against the address. */
export async function countRefusal<T>(
  refusals: Refusals,
  address: string,
  work: () => Promise<T>,
  codes: readonly ErrorCode[] = ['unauthorized'],
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof QgjobError && codes.includes(error.code)) refusals.take(address);
    throw error;
  }
}

/** Errors: `rate_limited` where too many bad tokens came from the address. */
export function refuseFlood(refusals: Refusals, address: string): void {
  if (refusals.isEmpty(address))
    throw new QgjobError(
      'rate_limited',
      'too many tokens that are not valid here came from this address; check the token, and try again in a minute',
    );
}
