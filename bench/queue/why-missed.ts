const drain =
  'one process does it all on one core: of about 75 µs a job, 42 are SQL (two moves with their events, an attempt, ' +
  'what is learnt, counters, the commits) and the rest HTTP, zod, tokens and JSON. On a machine where commits are ' +
  'dearer the ratio is better, since many verdicts share one.';

/** Why a target is missed, by its id, where that is known; printed beside it. */
export const whyMissed: Readonly<Record<string, string>> = {
  submit:
    'a submit stores a run, a batch, a job and an event with 25 index entries, and waits for the disk: 70 µs of SQL, 28 ' +
    'of them the commit, shared by the 31 submits of a turn. The floor takes 37 µs for its whole call.',
  plainjob: drain,
  bullmq: drain,
  graphile: drain,
  'pg-boss': drain,
  'pickup-p50':
    'two commits one after the other (0.3 to 0.6 ms each), two calls over HTTP, and the reads of the choice; a worker in ' +
    'process blocks on Redis.',
  'pickup-p99': 'as p50; and a commit that meets a checkpoint of the log waits for it.',
  'poll-pickup-same':
    'the choice reads all devices of the pool, and a submit counts them: made for pools of hundreds. With 10 000 in one ' +
    'pool that is some 15 ms.',
};
