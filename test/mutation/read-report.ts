/** What became of the mutants of a group. */
export interface Counts {
  /** A test failed. */
  readonly killed: number;
  /** A test did not end any more: as good as killed. */
  readonly timeout: number;
  readonly survived: number;
  /** No test reaches it. */
  readonly noCoverage: number;
}

/** What is read of a report of Stryker's (mutation-testing-report-schema). */
interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

/** The mutants of a report. Those that are ignored, by a comment with a reason, count for nothing. */
export function countMutants({ files }: MutationReport): Counts {
  const statuses = Object.values(files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (status: string): number => statuses.filter((one) => one === status).length;
  return {
    ...{ killed: count('Killed'), timeout: count('Timeout') },
    ...{ survived: count('Survived'), noCoverage: count('NoCoverage') },
  };
}

export const sumOf = (all: readonly Counts[]): Counts =>
  all.reduce(
    (sum, one) => ({
      killed: sum.killed + one.killed,
      timeout: sum.timeout + one.timeout,
      survived: sum.survived + one.survived,
      noCoverage: sum.noCoverage + one.noCoverage,
    }),
    { killed: 0, timeout: 0, survived: 0, noCoverage: 0 },
  );

/** The share of the mutants that a test noticed, in percent; 0 where there are none. */
export function scoreOf({ killed, timeout, survived, noCoverage }: Counts): number {
  const all = killed + timeout + survived + noCoverage;
  return all === 0 ? 0 : (100 * (killed + timeout)) / all;
}
