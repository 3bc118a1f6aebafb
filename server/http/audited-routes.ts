import type { AuditAction, AuditTarget } from '../../protocol/audit-actions.ts';
import type { AnswerOf } from '../../protocol/contracts.ts';
import type { RouteName } from '../../protocol/routes.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import type { Actor, Detail } from '../queue/store/audit-line.ts';
import { type AlreadySo, alreadySo } from './already-so.ts';
import { type Call, orgOf } from './handler.ts';
import { unauditedRoutes } from './unaudited-routes.ts';

/** What the audit log says of a call that succeeded. */
export interface Audited<N extends RouteName> {
  readonly action: AuditAction | ((call: Call<N>, status: number) => AuditAction);
  readonly kind: AuditTarget;
  /** Default: the `:id` of the path. */
  readonly target?: (call: Call<N>, answer: AnswerOf<N>) => string;
  /** Whose it is. Default: the caller's org; of a caller without one, that of the row that the path names. */
  readonly org?: (call: Call<N>, answer: AnswerOf<N>) => string | null;
  readonly detail?: (call: Call<N>, answer: AnswerOf<N>) => Detail;
  /** Where it is, the call changes nothing, and nothing is written: else a token could fill the log by one call. */
  readonly alreadySo?: AlreadySo<N>;
  /** Default: whose token the call has. */
  readonly by?: (answer: AnswerOf<N>) => Pick<Actor, 'kind' | 'tokenId'>;
}

/** The verb writes the line itself, in the commit of what it does. */
type InCommit = 'in its commit';

/** Of every route: what is written of it; `null`: nothing. */
type AuditedRoutes = { readonly [N in RouteName]: Audited<N> | InCommit | null };

const ofBorrow = {
  kind: 'device',
  // While one waits for any device of a target there is none yet.
  target: (_: unknown, answer: { device_id: string | null; borrow_id: string }) =>
    answer.device_id ?? answer.borrow_id,
  org: (_: unknown, answer: { org_id: string | null }) => answer.org_id,
  detail: (_: unknown, answer: { borrow_id: string; borrowed_until: string | null }) => ({
    borrow_id: answer.borrow_id,
    borrowed_until: answer.borrowed_until,
  }),
} as const;

/** Who has a device already and asks for it again keeps it for longer. */
const borrowed = (_: unknown, status: number): AuditAction =>
  status === 201 ? 'device.borrowed' : 'device.extended';

const ofBundle = {
  action: 'bundle.uploaded',
  kind: 'bundle',
  target: (_: unknown, { sha256 }: { sha256: string }) => sha256,
  org: ({ principal, query }: Pick<Call<'uploadBundle'>, 'principal' | 'query'>) =>
    orgOf(principal, query.org_id),
  detail: (_: unknown, { size }: { size: number }) => ({ size }),
  alreadySo: alreadySo.bundleIsThere,
} as const;

const ofApp = {
  kind: 'app_version',
  org: (_: unknown, answer: { org_id: string }) => answer.org_id,
  detail: (_: unknown, { platform, sha256, size }: AnswerOf<'getAppVersion'>) => ({ platform, sha256, size }),
} as const;

const ofRow = { org: (_: unknown, answer: { org_id: string }) => answer.org_id } as const;
const ofPath = { org: ({ params }: { params: Record<string, string> }) => params.id ?? null } as const;

/** Something is asked for, and nothing is there before the call that completes it. */
const asks = null;

export const auditedRoutes: AuditedRoutes = {
  submitRun: 'in its commit',
  submitJob: 'in its commit',
  retryRun: 'in its commit',
  retryJob: 'in its commit',
  cancelRun: { action: 'run.cancelled', kind: 'run', ...ofRow, alreadySo: alreadySo.runIsCancelled },
  cancelJob: { action: 'job.cancelled', kind: 'job', ...ofRow, alreadySo: alreadySo.jobIsCancelled },
  deleteJob: { action: 'job.deleted', kind: 'job', ...ofRow, alreadySo: alreadySo.jobIsCancelled },
  uploadBundle: ofBundle,
  openBundleUpload: asks,
  completeBundleUpload: ofBundle,
  registerAppVersion: { action: 'app.registered', ...ofApp, alreadySo: alreadySo.appIsRegistered },
  uploadAppFile: { action: 'app.uploaded', ...ofApp, alreadySo: alreadySo.buildIsThere },
  openAppUpload: asks,
  completeAppUpload: { action: 'app.uploaded', ...ofApp, alreadySo: alreadySo.buildIsThere },
  addQuarantine: {
    action: 'quarantine.added',
    kind: 'quarantine',
    target: (_, { quarantine_id: id }) => id,
    ...ofRow,
    detail: (_, { test_id, test_path, lanes, ends_at }) => ({ test_id, test_path, lanes, ends_at }),
  },
  removeQuarantine: { action: 'quarantine.removed', kind: 'quarantine' },
  patchAgent: {
    action: ({ body: { drain, paused } }) => {
      if (drain !== undefined) return drain ? 'agent.drained' : 'agent.undrained';
      return paused ? 'agent.paused' : 'agent.resumed';
    },
    kind: 'agent',
    detail: ({ body: { drain, paused } }, { name }) => ({ name, drain, paused }),
  },
  patchDevice: {
    action: ({ body }) => (body.paused ? 'device.paused' : 'device.resumed'),
    kind: 'device',
    detail: (_, { name }) => ({ name }),
  },
  borrowDevice: { action: borrowed, ...ofBorrow },
  createBorrow: { action: borrowed, ...ofBorrow },
  extendBorrow: { action: 'device.extended', ...ofBorrow },
  returnDevice: { action: 'device.returned', ...ofBorrow },
  returnBorrow: { action: 'device.returned', ...ofBorrow },
  createOrg: {
    action: 'org.created',
    kind: 'org',
    target: (_, { org_id: id }) => id,
    ...ofRow,
    detail: (_, { weight, max_leases }) => ({ weight, max_leases }),
  },
  patchOrg: {
    action: 'org.changed',
    kind: 'org',
    ...ofPath,
    detail: ({ body }) => ({
      paused: body.paused,
      paused_targets: body.paused_targets,
      weight: body.weight,
      max_leases: body.max_leases,
      untrusted_targets: body.untrusted_targets,
      quotas: body.quotas && JSON.stringify(body.quotas),
    }),
  },
  setGithub: {
    action: 'github.bindings_set',
    kind: 'org',
    ...ofPath,
    detail: ({ body }) => ({
      owners: body.map((one) => one.repository_owner_id),
      repositories: body.flatMap((one) => one.repository_id ?? []),
    }),
  },
  signInByGithub: {
    action: 'github.signed_in',
    kind: 'token',
    by: ({ token }) => ({ kind: 'github', tokenId: idOfToken(token) }),
    target: (_, { token }) => idOfToken(token),
    ...ofRow,
    detail: (_, { expires_at }) => ({ expires_at }),
  },
  createToken: {
    action: 'token.created',
    kind: 'token',
    target: (_, { token_id: id }) => id,
    org: (_, { org_id: id }) => id,
    detail: ({ body }, { scopes, expires_at }) => ({
      ...{ name: body.name, scopes, expires_at },
      ...{ shared: body.shared, agent_names: body.agent_names },
      agent_targets: body.agent_targets?.join(','),
    }),
  },
  deleteToken: { action: 'token.revoked', kind: 'token' },
  rotateToken: {
    action: 'token.rotated',
    kind: 'token',
    detail: (_, { token_id, expires_at }) => ({ replaced_by: token_id, expires_at }),
  },
  createWebhook: {
    action: 'webhook.created',
    kind: 'webhook',
    target: (_, { webhook_id: id }) => id,
    ...ofRow,
    // Of many receivers the path is the secret, or the user of the address has a password.
    detail: (_, { url, events }) => ({ host: URL.parse(url)?.host, events }),
  },
  rotateWebhook: {
    action: 'webhook.rotated',
    kind: 'webhook',
    ...ofRow,
    detail: (_, { old_secret_until }) => ({ old_secret_until }),
  },
  deleteWebhook: { action: 'webhook.deleted', kind: 'webhook' },
  registerAgent: 'in its commit',
  getBackup: {
    action: 'backup.made',
    kind: '',
    target: () => '',
    org: () => null,
    detail: ({ query }) => ({ files: query.files !== 'false' }),
  },
  exportAudit: {
    action: 'audit.exported',
    kind: '',
    target: () => '',
    org: ({ principal, query }) => principal.orgId ?? query.org_id ?? null,
    detail: ({ query: { format, action, token_id, target, since, until } }) => ({
      ...{ format, action, token_id, target, since, until },
    }),
  },
  ...unauditedRoutes,
};

const idOfToken = (token: string): string => nameOfToken(token)?.id ?? '';
