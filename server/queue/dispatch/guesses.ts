/**
 * SQL on a batch `b` and its org `o`: the mean of the org's tests, where the batch was submitted before there was one, so
 * that the estimates of its jobs are guesses; else null. The first results of a first run correct the rest of it.
 */
export const learnedMeanMs = 'iif(b.guessed = 1, o.mean_test_ms, NULL)';

/** Nothing is known of the batch's tests even now. */
export const isGuessed = '(b.guessed = 1 AND o.mean_test_ms IS NULL)';

/** The predicted work of all queued jobs of the group `g`. */
export const groupWorkMs = `coalesce(g.queued * ${learnedMeanMs}, g.queued_ms)`;

/** The predicted duration of the job `j`. */
export const jobEstimateMs = `coalesce(${learnedMeanMs}, j.estimate_ms)`;
