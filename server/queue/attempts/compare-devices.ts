import type { ErrorClass } from '../../../protocol/states.ts';

/** An attempt that has ended. */
export interface EndedAttempt {
  readonly deviceId: string;
  readonly groupId: number;
  readonly testPath: string;
  /** Null: the test ran to its verdict. */
  readonly errorClass: ErrorClass | null;
}

/** Fewer attempts tell little of a device, or of those beside it. */
const fewest = 8;
/** So many different tests must have failed on it: one bad file benches nobody. */
export const fewestTests = 5;
/** The share of its attempts that failed, and how often that is what is to be expected by the others. */
const leastShare = 0.5;
const leastRatio = 5;

/**
 * Why a device is to blame for its infrastructure errors: they are many, and the other devices had few with the same
 * groups. A test that failed so elsewhere too counts for nobody. Undefined: it is not.
 */
export function blameOf(deviceId: string, attempts: readonly EndedAttempt[]): string | undefined {
  const bad = new Set(attempts.filter((one) => isFault(one) && one.deviceId !== deviceId).map(testOf));
  const sum = { own: 0, others: 0, othersFailed: 0, expected: 0 };
  const failed: EndedAttempt[] = [];
  for (const group of Map.groupBy(attempts, ({ groupId }) => groupId).values()) {
    const own = group.filter((one) => one.deviceId === deviceId);
    const others = group.filter((one) => one.deviceId !== deviceId);
    if (own.length === 0 || others.length === 0) continue;
    const othersFailed = others.filter(isFault).length;
    failed.push(...own.filter((one) => isFault(one) && !bad.has(testOf(one))));
    sum.own += own.length;
    sum.others += others.length;
    sum.othersFailed += othersFailed;
    sum.expected += own.length * (othersFailed / others.length);
  }
  if (sum.own < fewest || sum.others < fewest || new Set(failed.map(testOf)).size < fewestTests)
    return undefined;
  if (failed.length < leastShare * sum.own || failed.length < leastRatio * sum.expected) return undefined;
  return `${failed.length} of its last ${sum.own} attempts failed as infrastructure, of the same app elsewhere ${sum.othersFailed} of ${sum.others}: look at it, then resume it`;
}

const isFault = ({ errorClass }: EndedAttempt): boolean => errorClass === 'infra_error';
const testOf = ({ groupId, testPath }: EndedAttempt): string => `${groupId} ${testPath}`;
