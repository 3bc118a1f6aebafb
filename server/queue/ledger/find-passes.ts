import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import type { EndedJob } from './read-ended.ts';
import { readVerdicts } from './read-verdicts.ts';
import { resultsOfJob, type TestResult } from './results-of-job.ts';
import { fileOf, testIdOf } from './test-identity.ts';

/** A test on a source. */
export const keyOf = (testId: string, source: string): string => `${testId} ${source}`;

/** A job with its results. */
export interface CountedJob {
  readonly job: EndedJob;
  readonly results: readonly TestResult[];
}

/** The last jobs of a file on a source, the newest last. */
export type SourceJobs = ReadonlyMap<string, readonly string[]>;

/** SEARCH s USING PRIMARY KEY (test_id=? AND source=?) */
const jobsSql = listOf(
  'json_array(s.test_id, s.source, json(s.jobs))',
  'FROM json_each(?) i CROSS JOIN test_sources s ON s.test_id = i.value ->> 0 AND s.source = i.value ->> 1',
);

const fileIdOf = (job: EndedJob): string => testIdOf(fileOf(job));
/** Jobs of hunts are kept apart: they are many, and would push all others out. */
const placesOf = ({ source }: EndedJob) => ({ ofRuns: source, ofHunts: `${source}:hunt` });
export const placeOf = (job: EndedJob): string => placesOf(job)[job.isHunt ? 'ofHunts' : 'ofRuns'];
export const fileKeyOf = (job: EndedJob): string => keyOf(fileIdOf(job), placeOf(job));

/** What ran before on the sources of these jobs, by `fileKeyOf`. */
export async function readSourceJobs(
  deps: Pick<Deps, 'sql'>,
  jobs: readonly EndedJob[],
): Promise<SourceJobs> {
  const keys = jobs.flatMap((job) => Object.values(placesOf(job)).map((place) => [fileIdOf(job), place]));
  const rows = await readList<[string, string, string[]]>(deps, jobsSql, [JSON.stringify(keys)]);
  return new Map(rows.map(([testId, source, ids]) => [keyOf(testId, source), ids]));
}

/**
 * The tests that are known to have passed, each on its source: in these jobs, and, for those that failed in them, in the jobs
 * before on the same source.
 */
export async function findPasses(
  deps: Pick<Deps, 'sql'>,
  counted: readonly CountedJob[],
  before: SourceJobs,
): Promise<ReadonlySet<string>> {
  const passes = new Set<string>();
  for (const { job, results } of counted)
    for (const { testId, passed } of results) if (passed) passes.add(keyOf(testId, job.source));
  const asking = counted.filter(
    ({ job, results }) =>
      !job.isHunt && results.some(({ testId, failed }) => failed && !passes.has(keyOf(testId, job.source))),
  );
  const idsOf = (job: EndedJob) =>
    Object.values(placesOf(job)).flatMap((place) => before.get(keyOf(fileIdOf(job), place)) ?? []);
  const verdicts = await readVerdicts(deps, [...new Set(asking.flatMap(({ job }) => idsOf(job)))]);
  for (const { job } of asking)
    for (const id of idsOf(job))
      for (const { testId, passed } of resultsOfJob(job, verdicts.get(id) ?? []))
        if (passed) passes.add(keyOf(testId, job.source));
  return passes;
}
