import type { Statement } from '../db/gate.ts';
import { type Guard, guarded } from './guard.ts';

const quarantineMs = 10 * 60_000;
const strikesToQuarantine = 3;

/** One more infrastructure error of a device; three in a row rest it for ten minutes. */
export const strikeDevice = (guard: Guard, deviceId: string, now: number): Statement =>
  guarded(
    guard,
    (at) => `UPDATE devices SET strikes = strikes + 1, quarantined_until =
               CASE WHEN strikes + 1 >= ${strikesToQuarantine} THEN ${at(2)} ELSE quarantined_until END
             WHERE id = ${at(1)} AND ${guard.sql}`,
    deviceId,
    now + quarantineMs,
  );

/** A test ran to its verdict there: the device works. */
export const clearStrikes = (guard: Guard, deviceId: string): Statement =>
  guarded(
    guard,
    (at) => `UPDATE devices SET strikes = 0, quarantined_until = NULL
             WHERE id = ${at(1)} AND strikes > 0 AND ${guard.sql}`,
    deviceId,
  );
