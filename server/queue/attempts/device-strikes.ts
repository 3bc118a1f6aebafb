import { filledLines } from '../../../protocol/clean-text.ts';
import type { Statement } from '../../db/statement.ts';
import { type Fence, fenced } from '../store/fence.ts';

const benchMs = 10 * 60_000;
const strikesToBench = 3;
const errorLength = 160;

/** One more infrastructure error of a device; three in a row bench it for ten minutes. Of `error` its first line is kept. */
export const strikeDevice = (
  fence: Fence,
  deviceId: string,
  now: number,
  error: string | null | undefined,
): Statement =>
  fenced(
    fence,
    (at) => `UPDATE devices SET strikes = strikes + 1, strike_error = ${at(3)}, benched_until =
               CASE WHEN strikes + 1 >= ${strikesToBench} THEN ${at(2)} ELSE benched_until END
             WHERE id = ${at(1)} AND ${fence.sql}`,
    deviceId,
    now + benchMs,
    filledLines(error ?? '', errorLength)[0]?.trim() ?? null,
  );

/** A test ran to its verdict there: the device works. */
export const clearStrikes = (fence: Fence, deviceId: string): Statement =>
  fenced(
    fence,
    (at) => `UPDATE devices SET strikes = 0, strike_error = NULL, benched_until = NULL
             WHERE id = ${at(1)} AND strikes > 0 AND ${fence.sql}`,
    deviceId,
  );

/** Why a device gets no lease for a while. `error` only for those who may read it. */
export const whyBenched = (strikes: number, untilMs: number, error: string | null): string =>
  `${strikes} infrastructure errors in a row; tried again at ${new Date(untilMs).toISOString().slice(11, 16)} UTC` +
  (error ? `; the last: ${error}` : '');
