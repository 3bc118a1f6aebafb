/**
 * SQL: the quarantine holds for the lane of the run. A merge queue is one lane; everything else (pull requests, pushes, schedules,
 * submits without GitHub) is the other.
 */
export const inLane = (quarantine: string, run: string): string =>
  `iif(${run}.github ->> 'event_name' = 'merge_group', ${quarantine}.merge_queue, ${quarantine}.pull_request) = 1`;

/**
 * SQL: all that failed in the job is excused by quarantines, and each of them still holds at the instant `at` (SQL, epoch ms), as it
 * is by now: one that was ended, or that holds for another lane since, excuses nothing. SEARCH q USING INDEX
 * sqlite_autoindex_quarantines_1 (id=?)
 */
export const isQuarantined = (job: string, run: string, at: string): string =>
  `(${job}.quarantines IS NOT NULL AND NOT EXISTS (SELECT 1 FROM json_each(${job}.quarantines) c
    LEFT JOIN quarantines q ON q.id = c.value ->> 0
    WHERE q.id IS NULL OR q.ends_at <= ${at} OR NOT coalesce(${inLane('q', run)}, 0)))`;
