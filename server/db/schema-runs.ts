import { conclusions, finalJobStatuses, runReasons, runStatuses } from '../../protocol/states.ts';
import { check, index, integer, real, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';
import { sqlList } from './sql-list.ts';

const counter = () => integer().notNull().default(0);

export const orgs = sqliteTable('orgs', {
  id: text().primaryKey(),
  weight: real().notNull().default(1),
  maxLeases: integer(),
  activeRuns: counter(),
  /** How long its tests take, leaning to the last ones; what a new test is expected to take. */
  meanTestMs: integer(),
  pausedAt: integer(),
  /** Targets on which nothing of it starts (JSON). */
  pausedTargets: text().notNull().default('[]'),
  /** What the operator has set of its quotas (JSON, protocol/shapes/quotas.ts). */
  quotas: text().notNull().default('{}'),
  /** Patterns of the targets on which code of strangers may run (JSON). */
  untrustedTargets: text().notNull().default('[]'),
  createdAt: integer().notNull(),
});

export const runs = sqliteTable(
  'runs',
  {
    id: text().primaryKey(),
    orgId: text().notNull(),
    appVersionId: text().notNull(),
    status: text().notNull().default('queued'),
    conclusion: text(),
    reason: text(),
    waiting: counter(),
    queued: counter(),
    scheduled: counter(),
    running: counter(),
    passed: counter(),
    failed: counter(),
    errored: counter(),
    cancelled: counter(),
    flaky: counter(),
    attempts: counter(),
    installs: counter(),
    /** What an install takes, by those that were measured of its app version or of the org's last one; null before the first. */
    installMs: integer(),
    serves: counter(),
    idempotencyKey: text(),
    requestHash: text(),
    /** The settings as submitted (JSON): a retry is a new run with the same. */
    settings: text().notNull(),
    failOnFlaky: integer().notNull().default(0),
    /** 1: failures that the base branch has too are no reason to fail. */
    failOnNew: counter(),
    /** With so many failed jobs nothing more of it starts; null: no such limit. */
    maxFailures: integer(),
    /** How often the one test of a hunt is executed; null: it is no hunt. */
    huntTimes: integer(),
    /** Of a hunt that the server began by itself: the quarantine whose test it hunts. */
    quarantineId: text(),
    retryOf: text(),
    metadata: text().notNull().default('{}'),
    github: text(),
    /** GitHub's id of the repository; '' where the submit named none. A part of the identity of its tests. */
    repositoryId: text().notNull().default(''),
    /** `github` where GitHub's OIDC proved the workflow; else the id of the token that submitted. */
    submittedBy: text().notNull().default(''),
    /** What a newer run of the same pull request, workflow and job supersedes; null where nothing may. */
    supersedeKey: text(),
    githubRunId: integer(),
    githubSha: text(),
    /** The branch that it tests, and the one that its failures are compared with: [repository id, name] (JSON). */
    branchKey: text(),
    baseKey: text(),
    /** Workflow, job, check and matrix leg (JSON); '' for a submit that does not come from GitHub. */
    lane: text().notNull().default(''),
    /** The comment that the server writes of it: [repository id, pull request, workflow] (JSON); null: none. */
    commentKey: text(),
    /** What a new attempt of the same GitHub job goes on with; null: nothing may. And which attempt this one is. */
    rerunKey: text(),
    githubAttempt: integer(),
    /** Jobs of the submit that are not in it, since they passed in an earlier attempt. */
    passedBefore: counter(),
    reportBy: text().notNull().default('action'),
    rev: counter(),
    submittedAt: integer().notNull(),
    changedAt: integer().notNull(),
    startedAt: integer(),
    finishedAt: integer(),
    /** When its logs and artifacts were deleted to make room; null: they are there. */
    evidencePrunedAt: integer(),
  },
  (run) => [
    // POST /v1/runs with a key: one run per key and org.
    uniqueIndex('runs_idem').on(run.orgId, run.idempotencyKey).where(sql`idempotency_key IS NOT NULL`),
    index('runs_org').on(run.orgId, run.id),
    // GET /v1/runs?github_run_id=
    index('runs_github').on(run.githubRunId, run.id).where(sql`github_run_id IS NOT NULL`),
    // submit: the older runs that a new one supersedes.
    index('runs_supersede').on(run.orgId, run.supersedeKey).where(sql`supersede_key IS NOT NULL`),
    // submit: the runs of earlier attempts of the same GitHub job.
    index('runs_rerun').on(run.orgId, run.rerunKey).where(sql`rerun_key IS NOT NULL`),
    // What a comment says: the runs of the newest run of a workflow.
    index('runs_comment').on(run.orgId, run.commentKey, run.githubRunId).where(sql`comment_key IS NOT NULL`),
    // One run alone goes on with what an attempt left.
    uniqueIndex('runs_rerun_once')
      .on(run.orgId, run.rerunKey, run.githubAttempt)
      .where(sql`rerun_key IS NOT NULL AND retry_of IS NOT NULL`),
    // dead letters: was it tried again?
    index('runs_retry').on(run.retryOf).where(sql`retry_of IS NOT NULL`),
    // prune: the oldest ends, and those of runs that still have their logs and artifacts.
    index('runs_finished').on(run.finishedAt).where(sql`finished_at IS NOT NULL`),
    index('runs_evidence')
      .on(run.finishedAt)
      .where(sql`finished_at IS NOT NULL AND evidence_pruned_at IS NULL`),
    check('runs_status', sql`status IN ${sqlList(runStatuses)}`),
    check('runs_conclusion', sql`conclusion IN ${sqlList(conclusions)}`),
    check('runs_reason', sql`reason IN ${sqlList(runReasons)}`),
    check('runs_final', sql`(finished_at IS NOT NULL) = (status IN ${sqlList(finalJobStatuses)})`),
    check('runs_concluded', sql`(finished_at IS NOT NULL) = (conclusion IS NOT NULL)`),
    check(
      'runs_counts',
      sql`min(waiting, queued, scheduled, running, passed, failed, errored, cancelled, flaky) >= 0`,
    ),
  ],
);
