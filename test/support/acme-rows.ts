import { createHash, randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { OidcIssuer } from './oidc-issuer.ts';
import type { RawInput } from './server.ts';
import type { World } from './world.ts';

export let acme: World;
export let issuer: OidcIssuer;

/** Whose rows the inputs are about; once in a test file, before its first test. `issuer` is the one of the server. */
export function useInputsOf(world: World, oidc: OidcIssuer): void {
  acme = world;
  issuer = oidc;
}

/** With the lease that the call is about. */
export type Input = RawInput & { readonly lease?: Lease };

export const aWebhook = {
  org_id: 'acme',
  url: 'https://ci.example.com/hook',
  events: ['run.finished' as const],
};

/** An org has not many: one that is there already. */
export async function aKeptWebhook(): Promise<RawInput> {
  const admin = acme.server.as(acme.tokens.admin);
  const [known] = (await admin.call('listWebhooks')).webhooks;
  const { webhook_id: id } = known ?? (await admin.call('createWebhook', { body: aWebhook }));
  return { params: { id } };
}

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

export const aQuarantine = async () => ({
  ...{ test_id: await aTest(), owner: 'ann', reason: 'times out' },
  ends_at: new Date(Date.now() + 3_600_000).toISOString(),
});

export async function aToken(): Promise<RawInput> {
  const body = { name: 'old', scopes: ['read' as const] };
  const made = await acme.server.as(acme.tokens.admin).call('createToken', { body });
  return { params: { id: made.token_id } };
}

export async function aBorrow() {
  const body = { device_id: (await acme.fleet()).deviceId, minutes: 5 };
  return acme.server.as(acme.tokens.submit).call('createBorrow', { body });
}

export async function aLease(): Promise<Input> {
  const { lease, job } = await acme.lease();
  return { lease, params: { id: lease.lease_id, job_id: job.job_id } };
}

export async function aHeartbeat(): Promise<RawInput> {
  const { fleet, lease } = await acme.lease();
  return { params: { id: fleet.agentId }, body: { boot_id: fleet.bootId, leases: [lease.lease_id] } };
}

export async function aLog(): Promise<Input> {
  const { lease, job } = await acme.running();
  const params = { id: lease.lease_id, job_id: job.job_id };
  return { lease, params, query: { attempt: 1, offset: 0 }, body: new TextEncoder().encode('hello\n') };
}

export async function anArtifact(): Promise<Input> {
  const { lease, params, body } = await aLog();
  return { ...(lease && { lease }), params: { ...params, name: 'shot.png' }, query: { attempt: 1 }, body };
}

/** One that is there already. */
export async function anUploadedArtifact(): Promise<Input> {
  const { query: _, body, ...input } = await anArtifact();
  const token = input.lease?.token ?? '';
  const { json } = await acme.server.ask('uploadArtifact', { ...input, query: { attempt: 1 }, body, token });
  return { ...input, body: { attempt: 1, size: json.size, sha256: json.sha256 } };
}

export async function aKeptArtifact(): Promise<RawInput> {
  const { lease, ...input } = await anArtifact();
  const { json } = await acme.server.ask('uploadArtifact', { ...input, token: lease?.token ?? '' });
  return { params: { id: json.artifact_id } };
}

export function aBundle(text: string): RawInput {
  const body = new TextEncoder().encode(text);
  const sha256 = createHash('sha256').update(body).digest('hex');
  return { params: { sha256 }, query: { org_id: 'acme' }, body };
}

export async function aKeptBundle(): Promise<RawInput> {
  const { params, query, body } = aBundle('kept');
  await acme.server.ask('uploadBundle', { params, query, body, token: acme.tokens.submit });
  return { params, query };
}

export async function aLeaseOfABundle(): Promise<Input> {
  const { params } = await aKeptBundle();
  const { lease } = await acme.lease({ source: { kind: 'bundle', sha256: params?.sha256 ?? '' } });
  return { lease, params: { id: lease.lease_id } };
}

export const anAppVersion = (): RawInput => ({
  params: { id: `app-${randomUUID()}` },
  query: { org_id: 'acme' },
});

export async function aRegisteredApp(): Promise<RawInput> {
  const input = anAppVersion();
  await acme.server.ask('registerAppVersion', { ...input, body: { platform: 'android' } });
  return input;
}

export const aBuild = { size: 7, sha256: createHash('sha256').update('a build').digest('hex') };

export async function aKeptApp(): Promise<RawInput> {
  const input = await aRegisteredApp();
  await acme.server.ask('uploadAppFile', { ...input, body: new TextEncoder().encode('a build') });
  return input;
}
