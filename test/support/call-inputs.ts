import { randomUUID } from 'node:crypto';
import type { RouteName } from '../../protocol/routes.ts';
import {
  aBorrow,
  aBuild,
  aBundle,
  acme,
  aHeartbeat,
  aJob,
  aKeptApp,
  aKeptArtifact,
  aKeptBundle,
  aKeptWebhook,
  aLease,
  aLeaseOfABundle,
  aLog,
  anAppVersion,
  anArtifact,
  anUploadedArtifact,
  aQuarantine,
  aRegisteredApp,
  aTest,
  aToken,
  aWebhook,
  type Input,
  issuer,
} from './acme-rows.ts';

/** A valid input for each call, on rows of acme that are made for it. */
export const callInputs: Record<RouteName, () => Promise<Input> | Input> = {
  submitRun: () => ({ body: { org_id: 'acme', app_version_id: 'v1', tests: ['a.spec.ts'] } }),
  submitJob: () => ({ body: { org_id: 'acme', app_version_id: 'v1', test_path: 'a.spec.ts' } }),
  listRuns: () => ({}),
  listJobs: () => ({}),
  getRun: async () => ({ params: { id: (await acme.submit()).run.run_id } }),
  getJob: aJob,
  explainRun: async () => ({ params: { id: (await acme.submit()).run.run_id } }),
  cancelRun: async () => ({ params: { id: (await acme.submit()).run.run_id } }),
  cancelJob: aJob,
  deleteJob: aJob,
  retryRun: async () => ({ params: { id: (await acme.finished()).run_id } }),
  retryJob: async () => ({ params: { id: (await acme.finished()).job_id } }),
  explainJob: aJob,
  reproduceJob: aJob,
  listAttempts: aJob,
  readLogs: aJob,
  listArtifacts: aJob,
  getArtifact: aKeptArtifact,
  uploadBundle: () => aBundle(`a bundle ${randomUUID()}`),
  openBundleUpload: async () => ({ ...(await aKeptBundle()), body: { size: 4 } }),
  completeBundleUpload: async () => ({ ...(await aKeptBundle()), body: { size: 4 } }),
  getBundle: aKeptBundle,
  getLeaseSource: aLeaseOfABundle,
  registerAppVersion: () => ({ ...anAppVersion(), body: { platform: 'android' } }),
  getAppVersion: aRegisteredApp,
  listAppVersions: () => ({ query: { org_id: 'acme' } }),
  uploadAppFile: async () => ({ ...(await aRegisteredApp()), body: new TextEncoder().encode('a build') }),
  openAppUpload: async () => ({ ...(await aKeptApp()), body: aBuild }),
  completeAppUpload: async () => ({ ...(await aKeptApp()), body: aBuild }),
  getAppFile: aKeptApp,
  getLeaseApp: async () => {
    const { params } = await aKeptApp();
    const { lease } = await acme.lease({ app_version_id: params?.id ?? '' });
    return { lease, params: { id: lease.lease_id } };
  },
  listDeadLetters: () => ({}),
  listTests: () => ({ query: { org_id: 'acme' } }),
  getTest: async () => ({ params: { id: await aTest() } }),
  addQuarantine: async () => ({ body: await aQuarantine() }),
  listQuarantines: () => ({ query: { org_id: 'acme' } }),
  removeQuarantine: async () => {
    const admin = acme.server.as(acme.tokens.admin);
    const made = await admin.call('addQuarantine', { body: await aQuarantine() });
    return { params: { id: made.quarantine_id } };
  },
  listGroups: () => ({}),
  listDevices: () => ({}),
  listAgents: () => ({}),
  followEvents: () => ({ query: { wait_ms: 0 } }),
  getStats: () => ({}),
  patchAgent: async () => ({ params: { id: (await acme.fleet()).agentId }, body: { drain: true } }),
  patchDevice: async () => ({ params: { id: (await acme.fleet()).deviceId }, body: { paused: true } }),
  borrowDevice: async () => ({ params: { id: (await acme.fleet()).deviceId }, body: { minutes: 5 } }),
  returnDevice: async () => ({ params: { id: (await aBorrow()).device_id ?? '' } }),
  createBorrow: async () => ({ body: { target: (await acme.fleet()).target, minutes: 5, org_id: 'acme' } }),
  listBorrows: () => ({}),
  getBorrow: async () => ({ params: { id: (await aBorrow()).borrow_id } }),
  extendBorrow: async () => ({ params: { id: (await aBorrow()).borrow_id }, body: { minutes: 5 } }),
  returnBorrow: async () => ({ params: { id: (await aBorrow()).borrow_id } }),
  createOrg: () => ({ body: { org_id: 'newcomer' } }),
  listOrgs: () => ({}),
  patchOrg: () => ({ params: { id: 'acme' }, body: { paused: false } }),
  setGithub: () => ({ params: { id: 'acme' }, body: [{ repository_owner_id: '11' }] }),
  listGithub: () => ({ params: { id: 'acme' } }),
  signInByGithub: async () => {
    const bindings = [{ repository_owner_id: '11' }];
    await acme.server.client.call('setGithub', { params: { id: 'acme' }, body: bindings });
    return { body: { token: await issuer.token(acme.server.url) } };
  },
  createToken: () => ({ body: { name: 'ci', org_id: 'acme', scopes: ['submit'] } }),
  whoami: () => ({}),
  listTokens: () => ({}),
  deleteToken: aToken,
  rotateToken: async () => ({ ...(await aToken()), body: { overlap_minutes: 5 } }),
  createWebhook: () => ({ body: aWebhook }),
  listWebhooks: () => ({}),
  rotateWebhook: async () => ({ ...(await aKeptWebhook()), body: { overlap_minutes: 5 } }),
  deleteWebhook: aKeptWebhook,
  registerAgent: () => ({ body: { name: 'rack', boot_id: 'boot-of-rack', version: '1', devices: [] } }),
  takeLease: async () => ({ body: acme.poll(await acme.fleet()) }),
  heartbeat: aHeartbeat,
  reportInstalled: async () => ({ ...(await aLease()), body: { ok: true, duration_ms: 5 } }),
  startJob: async () => ({ ...(await aLease()), body: { attempt: 1 } }),
  finishJob: async () => ({ ...(await aLease()), body: { attempt: 1, verdict: 'passed', duration_ms: 5 } }),
  finishJobs: async () => {
    const { lease, job } = await acme.lease();
    const jobs = [{ job_id: job.job_id, attempt: 1, verdict: 'passed', duration_ms: 5 }];
    return { lease, params: { id: lease.lease_id }, body: { jobs } };
  },
  releaseLease: aLease,
  appendLogs: aLog,
  uploadArtifact: anArtifact,
  listAudit: () => ({}),
  exportAudit: () => ({}),
  getBackup: () => ({}),
  openArtifactUpload: anUploadedArtifact,
  completeArtifactUpload: async () => {
    const { body, ...input } = await anUploadedArtifact();
    return { ...input, body: { ...(body as object), artifact_id: `art_${'0'.repeat(32)}` } };
  },
  health: () => ({}),
  healthLive: () => ({}),
  healthReady: () => ({}),
  readMetrics: () => ({}),
  healthDetailed: () => ({}),
};
