import { borrowRoutes } from './borrow-routes.ts';
import { QgjobError } from './errors.ts';
import { created, empty, health, ok, type Route, route, submitted } from './route.ts';
import { tokenRoutes } from './token-routes.ts';

export type { Route } from './route.ts';

/** The shapes of each call are in contracts.ts. */
export const routes = {
  submitRun: route('POST', '/v1/runs', 'submit', 'Submit test jobs as one run', submitted),
  submitJob: route('POST', '/v1/jobs', 'submit', 'Submit one job, a run of one', submitted),
  listRuns: route('GET', '/v1/runs', 'read', 'List runs, newest first'),
  listJobs: route('GET', '/v1/jobs', 'read', 'List jobs, newest first'),
  getRun: route('GET', '/v1/runs/:id', 'read', 'A run and its jobs; held until rev is above after_rev'),
  getJob: route('GET', '/v1/jobs/:id', 'read', 'A job; held until rev is above after_rev'),
  explainRun: route('GET', '/v1/runs/:id/explain', 'read', 'What a run came to, and why, in at most 4 kB'),
  cancelRun: route('POST', '/v1/runs/:id/cancel', 'submit', 'Cancel what is not final of a run'),
  cancelJob: route('POST', '/v1/jobs/:id/cancel', 'submit', 'Cancel a job'),
  deleteJob: route('DELETE', '/v1/jobs/:id', 'submit', 'Cancel a job'),
  retryRun: route('POST', '/v1/runs/:id/retry', 'submit', 'Run it again as a new run', submitted),
  retryJob: route('POST', '/v1/jobs/:id/retry', 'submit', 'Run the job again as a new run', submitted),
  explainJob: route(
    'GET',
    '/v1/jobs/:id/why',
    'read',
    'Why a job has not started: its place, what blocks it',
  ),
  reproduceJob: route(
    'GET',
    '/v1/jobs/:id/repro',
    'read',
    'What it takes to run the test of a job on another machine',
  ),
  listAttempts: route('GET', '/v1/jobs/:id/attempts', 'read', 'The attempts of a job'),
  readLogs: route('GET', '/v1/jobs/:id/logs', 'read', 'Log bytes of an attempt from an offset'),
  listArtifacts: route('GET', '/v1/jobs/:id/artifacts', 'read', 'The files that the attempts of a job left'),
  getArtifact: route('GET', '/v1/artifacts/:id', 'read', 'The bytes of an artifact, or a range of them', {
    ...ok,
    otherStatus: 206,
  }),
  uploadBundle: route('PUT', '/v1/bundles/:sha256', 'submit', 'Upload a source bundle; once, by its content'),
  openBundleUpload: route(
    'POST',
    '/v1/bundles/:sha256/upload',
    'submit',
    'Ask where to upload a source bundle: at a signed address, or here',
  ),
  completeBundleUpload: route(
    'POST',
    '/v1/bundles/:sha256/uploaded',
    'submit',
    'Say that a source bundle is at its signed address',
  ),
  getBundle: route('GET', '/v1/bundles/:sha256', 'read', 'The bytes of a source bundle'),
  registerAppVersion: route('PUT', '/v1/app-versions/:id', 'submit', 'Register an app version'),
  getAppVersion: route('GET', '/v1/app-versions/:id', 'read', 'An app version, and whether its file is here'),
  listAppVersions: route('GET', '/v1/app-versions', 'read', 'List the registered app versions, newest first'),
  uploadAppFile: route(
    'PUT',
    '/v1/app-versions/:id/file',
    'submit',
    'Upload the build of an app version, once',
  ),
  openAppUpload: route(
    'POST',
    '/v1/app-versions/:id/file/upload',
    'submit',
    'Ask where to upload the build of an app version',
  ),
  completeAppUpload: route(
    'POST',
    '/v1/app-versions/:id/file/uploaded',
    'submit',
    'Say that the build of an app version is at its signed address',
  ),
  getAppFile: route('GET', '/v1/app-versions/:id/file', 'read', 'The build of an app version'),
  listDeadLetters: route('GET', '/v1/dead-letters', 'read', 'Jobs that ended red and were not tried again'),
  listTests: route('GET', '/v1/tests', 'read', 'How tests went in the last 30 days: flakiness, times'),
  getTest: route('GET', '/v1/tests/:id', 'read', 'A test with its days and its last failures'),
  addQuarantine: route(
    'POST',
    '/v1/quarantines',
    'admin',
    'Put a test into quarantine: until it ends, its failures fail no run',
    { ...ok, status: 201 },
  ),
  listQuarantines: route('GET', '/v1/quarantines', 'read', 'Quarantines of tests, newest first'),
  removeQuarantine: route('DELETE', '/v1/quarantines/:id', 'admin', 'End a quarantine now', empty),
  listGroups: route('GET', '/v1/groups', 'read', 'The queue as groups that share an install'),
  listDevices: route('GET', '/v1/devices', 'read', 'The devices'),
  listAgents: route('GET', '/v1/agents', 'read', 'The agents'),
  patchAgent: route('PATCH', '/v1/agents/:id', 'admin', 'Drain an agent, or pause all its devices'),
  patchDevice: route('PATCH', '/v1/devices/:id', 'admin', 'Pause a device'),
  ...borrowRoutes,
  followEvents: route('GET', '/v1/events', 'read', 'What happens, as server-sent events'),
  getStats: route('GET', '/v1/stats', 'read', 'Figures of the queue'),
  createOrg: route('POST', '/v1/orgs', 'operator', 'Create an org', created),
  listOrgs: route('GET', '/v1/orgs', 'operator', 'List the orgs'),
  patchOrg: route('PATCH', '/v1/orgs/:id', 'admin', 'Pause an org; weight and cap are set by the operator'),
  setGithub: route(
    'PUT',
    '/v1/orgs/:id/github',
    'operator',
    'Bind repositories of GitHub to an org, in place of those before',
  ),
  listGithub: route('GET', '/v1/orgs/:id/github', 'admin', 'The repositories that are bound to an org'),
  signInByGithub: route(
    'POST',
    '/v1/auth/github',
    'open',
    "Exchange GitHub's OIDC token of a workflow for a token of at most an hour",
    created,
  ),
  ...tokenRoutes,
  createWebhook: route(
    'POST',
    '/v1/webhooks',
    'admin',
    'Send events to an address; the secret is shown once',
    created,
  ),
  listWebhooks: route('GET', '/v1/webhooks', 'admin', 'List webhooks, and whether they arrive'),
  rotateWebhook: route(
    'POST',
    '/v1/webhooks/:id/rotate',
    'admin',
    'Give a webhook another secret, which is shown once; the old one signs beside it for an overlap',
  ),
  deleteWebhook: route('DELETE', '/v1/webhooks/:id', 'admin', 'Delete a webhook', empty),
  registerAgent: route('POST', '/v1/agents', 'agent', 'Register an agent and its devices'),
  takeLease: route('POST', '/v1/leases', 'agent', 'Lease jobs for a free device; held while there are none', {
    ...ok,
    mayBeEmpty: true,
  }),
  heartbeat: route('POST', '/v1/agents/:id/heartbeat', 'agent', 'Renew leases; held until there is news'),
  getLeaseSource: route('GET', '/v1/leases/:id/source', 'lease', 'The source bundle of a live lease'),
  getLeaseApp: route('GET', '/v1/leases/:id/app', 'lease', 'The build of the app version of a live lease'),
  reportInstalled: route('POST', '/v1/leases/:id/installed', 'lease', 'Say how the install went', empty),
  startJob: route('POST', '/v1/leases/:id/jobs/:job_id/start', 'lease', 'Start an attempt'),
  finishJob: route('POST', '/v1/leases/:id/jobs/:job_id/finish', 'lease', 'Report the verdict of an attempt'),
  finishJobs: route(
    'POST',
    '/v1/leases/:id/finish',
    'lease',
    'Report the verdicts of several jobs of a lease',
  ),
  releaseLease: route('POST', '/v1/leases/:id/release', 'lease', 'Give back what has not started', empty),
  appendLogs: route('PUT', '/v1/leases/:id/jobs/:job_id/logs', 'lease', 'Append log bytes at an offset'),
  uploadArtifact: route(
    'PUT',
    '/v1/leases/:id/jobs/:job_id/artifacts/:name',
    'lease',
    'Upload a file that an attempt left',
  ),
  listAudit: route('GET', '/v1/audit', 'admin', 'Who did what to which id, newest first'),
  exportAudit: route(
    'GET',
    '/v1/audit/export',
    'admin',
    'The same as one file: CSV, or a JSON object a line',
  ),
  getBackup: route('GET', '/v1/backup', 'operator', 'A backup of the database and the files, as a tar'),
  openArtifactUpload: route(
    'POST',
    '/v1/leases/:id/jobs/:job_id/artifacts/:name/upload',
    'lease',
    'Ask where to upload a file that an attempt left',
  ),
  completeArtifactUpload: route(
    'POST',
    '/v1/leases/:id/jobs/:job_id/artifacts/:name/uploaded',
    'lease',
    'Say that a file of an attempt is at its signed address',
  ),
  health: route('GET', '/health', 'open', 'Is the server up and its database writable', health),
  healthLive: route('GET', '/health/live', 'open', 'Is the process up'),
  healthReady: route('GET', '/health/ready', 'open', 'Can it take work', health),
  readMetrics: route('GET', '/metrics', 'read', 'Metrics in the text format of Prometheus'),
  healthDetailed: route('GET', '/health/detailed', 'read', 'Health with its parts'),
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** True for a call that agents make, with their own token or with that of a lease. */
export const isOfAgents = (name: RouteName): boolean => ['agent', 'lease'].includes(routes[name].scope);

/** Fills the `:name` parts of a path. Errors: `invalid` for `.` and `..`, which would change the path. */
export function fillPath(path: string, params: Record<string, string> = {}): string {
  return path.replace(/:(\w+)/g, (_, name: string) => {
    const value = params[name] ?? '';
    if (value === '.' || value === '..') throw new QgjobError('invalid', `"${value}" is no id`);
    return encodeURIComponent(value);
  });
}
