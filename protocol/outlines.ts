import { auditOutlines } from './audit-outlines.ts';
import { borrowOutlines } from './borrow-outlines.ts';
import { all, type Outline } from './outline.ts';
import { tokenOutlines } from './token-outlines.ts';

/**
 * The shapes of the answers that clients read, without zod, which takes longer to load than all the rest of a command.
 * outlines.test.ts compares them with the zod shapes.
 */
export const outlines: Readonly<Record<string, Outline>> = {
  Test: { ...all('s', 'name'), ...all('s~', 'id file message'), status: 'w', line: 'n~', duration_ms: 'n' },
  QuarantinedBy: all('s', 'quarantine_id owner ends_at'),
  Report: { ...all('n', 'total passed failed skipped flaky listed'), complete: 'b~' },
  Provider: all('s', 'name session_id url'),
  Job: {
    ...all('s', 'job_id run_id org_id app_version_id test_path target submitted_at'),
    ...all('s?', 'agent_id device_id lease_id run_at started_at finished_at error'),
    ...{ status: 'w', ...all('w?', 'framework outcome wait_reason') },
    ...all(
      'n',
      'priority attempt max_retries retry_failed_tests failures test_failures crashes releases rev',
    ),
    ...{
      duration_ms: 'n?',
      provider: 'Provider?',
      tests: '[Test]?',
      report: 'Report?~',
      retried_tests: 'n?~',
      known_failure: 'b?~',
      known_run_id: 's?~',
      quarantined_by: '[QuarantinedBy]?~',
    },
  },
  Attempt: {
    ...all('s', 'lease_id agent_id device_id started_at'),
    ...all('s?', 'finished_at error'),
    ...{ attempt: 'n', duration_ms: 'n?', ...all('w?', 'verdict error_class') },
    ...{ provider: 'Provider?', tests: '[Test]?', report: 'Report?~', retried_tests: 'n?~' },
  },
  Counts: all('n', 'waiting queued scheduled running passed failed errored cancelled flaky'),
  Run: {
    ...all('s', 'run_id org_id app_version_id submitted_at url'),
    ...all('s?', 'retry_of started_at finished_at'),
    ...{
      ...all('w', 'status report_by'),
      ...all('w?', 'conclusion reason'),
      counts: 'Counts',
      metadata: 'o',
    },
    ...all('n', 'installs installs_saved serves rev'),
    passed_before: 'n~',
    install_ms: 'n?~',
    github: 'RunGithub?~',
    hunt: 'Hunt?~',
  },
  Hunt: { ...all('n', 'times observed failed'), ...all('n?', 'low high'), quarantine_id: 's?~' },
  RunGithub: {
    ...all('s', 'repository repository_id sha ref event_name workflow job check_name run_id'),
    ...all('s~', 'code_sha check_template leg leg_name step base_ref check_run_id check_run_name'),
    ...{ pr_number: 'n~', run_attempt: 'n' },
  },
  Submitted: { run: 'Run', jobs: '[Job]', warnings: '[s]~' },
  Artifact: {
    ...all('s', 'artifact_id job_id name content_type sha256 url'),
    ...{ kind: 'w', ...all('n', 'attempt size') },
  },
  Bundle: { sha256: 's', size: 'n' },
  UploadPlan: { send: 'w', ...all('s?', 'url expires_at artifact_id'), method: 'w?', headers: 'o?' },
  AppVersion: {
    ...all('s', 'org_id app_version_id created_at'),
    ...{ platform: 'w', ...all('s?', 'url package_name sha256'), size: 'n?' },
  },
  Installed: all('s', 'org_id app_version_id'),
  Agent: {
    ...all('s', 'agent_id name version last_seen_at'),
    ...{ status: 'w', devices: '[s]', drain: 'b' },
  },
  Device: {
    ...all('s', 'device_id agent_id name target owner'),
    ...{ ...all('s?', 'lease_id job_id'), status: 'w', status_reason: 's?~', installed: 'Installed?' },
    ...all('s?~', 'borrowed_by borrowed_until borrow_note borrow_id'),
  },
  ...borrowOutlines,
  ...auditOutlines,
  Group: {
    ...all('s', 'org_id app_version_id target'),
    ...{ ...all('n', 'queued running'), devices: '[s]', oldest_submitted_at: 's?', priority: 'n?' },
  },
  Block: { reason: 'w', message: 's', until: 's?' },
  RunRef: { ...all('s', 'run_id app_version_id submitted_at'), commit: 's?' },
  Found: { kind: 'w', url: 's' },
  ExplainedFailure: {
    ...{ ...all('s', 'job_id test_path target'), ...all('s?', 'test at error device') },
    ...{
      status: 'w',
      outcome: 'w?',
      ...all('n', 'tests_failed attempts alike'),
      known_failure: 'b?',
      quarantined: 'b',
    },
    ...{ since: 'RunRef?', passed_in: 'RunRef?', evidence: '[Found]' },
  },
  Next: { job_id: 's', starts_in_ms: 'n?', blocked_by: '[Block]' },
  ExplainedRun: {
    ...{ ...all('s', 'run_id org_id url app_version_id submitted_at'), commit: 's?', status: 'w' },
    ...{ ...all('w?', 'conclusion reason'), duration_ms: 'n?', counts: 'Counts' },
    ...{
      ...all('n', 'installs installs_saved failures_left_out'),
      failures: '[ExplainedFailure]',
      next: 'Next?',
    },
  },
  Why: {
    job_id: 's',
    status: 'w',
    ...all('n?', 'position starts_in_ms'),
    blocked_by: '[Block]',
    notes: '[s]~',
  },
  ReproSource: { kind: 'w', ...all('s?', 'sha256 repository sha subdir') },
  Repro: {
    ...all('s', 'job_id run_id org_id app_version_id test_path target'),
    ...{ framework: 'w?', source: 'ReproSource?', params: 'o', withheld: '[s]', grep: 's?', timeout_ms: 'n' },
  },
  JobEnds: all('n', 'passed flaky failed'),
  Share: all('n', 'share low high'),
  Quarantine: {
    ...all('s', 'quarantine_id org_id test_id repository_id target test_path owner reason'),
    ...all('s', 'created_at created_by changed_at changed_by ends_at'),
    ...{ ...all('s?', 'file title case_id'), lanes: '[w]', status: 'w', removed: 'b' },
    ...{ hunt: 'QuarantineHunt?~', hunting_run_id: 's?~' },
  },
  QuarantineHunt: {
    ...{ ...all('s', 'run_id ended_at'), ...all('n', 'times observed failed low high') },
    ...{ ...all('s?', 'branch commit'), is_base: 'b' },
  },
  KnownTest: {
    ...all('s', 'test_id org_id repository_id target test_path first_run_at last_run_at'),
    ...{ ...all('s?', 'file title case_id last_failed_at'), ...all('n?', 'p50_ms p95_ms') },
    ...{ jobs: 'JobEnds', flakiness: 'Share?', quarantine: 'Quarantine?' },
  },
  TestDay: { day: 's', ...all('n', 'passed flaky failed') },
  TestFailure: { ...all('s', 'job_id run_id at'), flaky: 'b' },
  Org: {
    ...all('s', 'org_id created_at'),
    ...{ weight: 'n', max_leases: 'n?', paused: 'b', paused_targets: '[s]' },
    ...{ quotas: 'Quotas', untrusted_targets: '[s]' },
  },
  Quotas: all('n?', 'queued_jobs storage_bytes agents devices'),
  Binding: {
    repository_owner_id: 's',
    ...{ repository_id: 's~', events: '[s]~', refs: '[s]~', scopes: '[w]~' },
  },
  SignedIn: all('s', 'token expires_at org_id'),
  ...tokenOutlines,
  Webhook: {
    ...all('s', 'webhook_id org_id url created_at'),
    ...{
      ...all('s?', 'status_reason failing_since last_sent_at old_secret_until'),
      events: '[w]',
      status: 'w',
      dropped: 'n',
    },
  },
  Spread: { n: 'n', ...all('n?', 'mean_ms p50_ms p95_ms') },
  OrgFigures: {
    ...{ org_id: 's', success: 'n?' },
    ...all('n', 'jobs passed failed errored cancelled flaky'),
    ...all('Spread~', 'test feedback'),
  },
  TargetFigures: {
    ...{
      target: 's',
      ...all('n', 'jobs jobs_per_minute queued waiting leased'),
      ...all('n?', 'success use'),
    },
    ...all('Spread', 'test wait'),
    cloud_ms: 'n~',
  },
  Figures: {
    ...{ window: 'w', ...all('s', 'from to'), success: 'n?', ...all('Spread', 'test wait feedback') },
    ...all('n', 'jobs runs jobs_per_minute installs installs_saved install_ms_saved'),
    ...{ orgs: '[OrgFigures]', targets: '[TargetFigures]', cloud_ms: 'n~' },
  },
  Stats: {
    ...{ jobs: 'Counts', devices: 'o', ...all('n', 'runs_active agents_online leases_active') },
    figures: 'Figures~',
  },
  Health: { status: 'w', version: 's' },
  Database: { status: 'w', error: 's~' },
  HealthParts: { status: 'w', version: 's', uptime_ms: 'n', database: 'Database', loops: 'o' },
};
