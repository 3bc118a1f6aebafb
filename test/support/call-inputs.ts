import { createHash, randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { RouteName } from '../../protocol/routes.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { OidcIssuer } from './oidc-issuer.ts';
import type { RawInput } from './server.ts';
import type { World } from './world.ts';

let acme: World;
let issuer: OidcIssuer;

/** Whose rows the inputs are about; once in a test file, before its first test. `issuer` is the one of the server. */
export function useInputsOf(world: World, oidc: OidcIssuer): void {
  acme = world;
  issuer = oidc;
}

/** With the lease that the call is about. */
export type Input = RawInput & { readonly lease?: Lease };

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
  deleteWebhook: async () => {
    const made = await acme.server.as(acme.tokens.admin).call('createWebhook', { body: aWebhook });
    return { params: { id: made.webhook_id } };
  },
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

const aWebhook = { org_id: 'acme', url: 'https://ci.example.com/hook', events: ['run.finished' as const] };

export async function aJob(): Promise<RawInput> {
  const { jobs } = await acme.submit();
  return { params: { id: jobs[0]?.job_id ?? '' } };
}

/** A test of acme that the ledger knows. */
export async function aTest(): Promise<string> {
  const reader = acme.server.as(acme.tokens.read);
  const first = async () => (await reader.call('listTests')).tests[0]?.test_id;
  if ((await first()) === undefined) await acme.finished();
  return vi.waitUntil(first, { timeout: 60_000 });
}

const aQuarantine = async () => ({
  ...{ test_id: await aTest(), owner: 'ann', reason: 'times out' },
  ends_at: new Date(Date.now() + 3_600_000).toISOString(),
});

async function aToken(): Promise<RawInput> {
  const body = { name: 'old', scopes: ['read' as const] };
  const made = await acme.server.as(acme.tokens.admin).call('createToken', { body });
  return { params: { id: made.token_id } };
}

async function aBorrow() {
  const body = { device_id: (await acme.fleet()).deviceId, minutes: 5 };
  return acme.server.as(acme.tokens.submit).call('createBorrow', { body });
}

async function aLease(): Promise<Input> {
  const { lease, job } = await acme.lease();
  return { lease, params: { id: lease.lease_id, job_id: job.job_id } };
}

async function aHeartbeat(): Promise<RawInput> {
  const { fleet, lease } = await acme.lease();
  return { params: { id: fleet.agentId }, body: { boot_id: fleet.bootId, leases: [lease.lease_id] } };
}

async function aLog(): Promise<Input> {
  const { lease, job } = await acme.running();
  const params = { id: lease.lease_id, job_id: job.job_id };
  return { lease, params, query: { attempt: 1, offset: 0 }, body: new TextEncoder().encode('hello\n') };
}

async function anArtifact(): Promise<Input> {
  const { lease, params, body } = await aLog();
  return { ...(lease && { lease }), params: { ...params, name: 'shot.png' }, query: { attempt: 1 }, body };
}

/** One that is there already. */
async function anUploadedArtifact(): Promise<Input> {
  const { query: _, body, ...input } = await anArtifact();
  const token = input.lease?.token ?? '';
  const { json } = await acme.server.ask('uploadArtifact', { ...input, query: { attempt: 1 }, body, token });
  return { ...input, body: { attempt: 1, size: json.size, sha256: json.sha256 } };
}

async function aKeptArtifact(): Promise<RawInput> {
  const { lease, ...input } = await anArtifact();
  const { json } = await acme.server.ask('uploadArtifact', { ...input, token: lease?.token ?? '' });
  return { params: { id: json.artifact_id } };
}

function aBundle(text: string): RawInput {
  const body = new TextEncoder().encode(text);
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { params: { sha256 }, query: { org_id: 'acme' }, body };
}

async function aKeptBundle(): Promise<RawInput> {
  const { params, query, body } = aBundle('kept');
  await acme.server.ask('uploadBundle', { params, query, body, token: acme.tokens.submit });
  return { params, query };
}

async function aLeaseOfABundle(): Promise<Input> {
  const { params } = await aKeptBundle();
  const { lease } = await acme.lease({ source: { kind: 'bundle', sha256: params?.sha256 ?? '' } });
  return { lease, params: { id: lease.lease_id } };
}

const anAppVersion = (): RawInput => ({ params: { id: `app-${randomUUID()}` }, query: { org_id: 'acme' } });

export async function aRegisteredApp(): Promise<RawInput> {
  const input = anAppVersion();
  await acme.server.ask('registerAppVersion', { ...input, body: { platform: 'android' } });
  return input;
}

const aBuild = { size: 7, sha256: createHash('sha256').update('a build').digest('hex') };

async function aKeptApp(): Promise<RawInput> {
  const input = await aRegisteredApp();
  await acme.server.ask('uploadAppFile', { ...input, body: new TextEncoder().encode('a build') });
  return input;
}
