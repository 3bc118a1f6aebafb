/** The pull request or branch that a run tests; '' where its submit names neither (SQL of a run's row). */
export const lineName = `coalesce(github ->> '$.pr_number', github ->> '$.ref', settings ->> '$.branch.ref', '')`;

/** What tells runs of one line of work from others: also its repository, and the job of the workflow (SQL). */
export const runLine = `json_array(repository_id, lane, ${lineName})`;
