import type * as z from 'zod';
import type { AnswerOf, BytesRoute, contracts } from '../../protocol/contracts.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { GithubFacts } from '../../protocol/github.ts';
import type { RouteName } from '../../protocol/routes.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Principal } from '../auth/principal.ts';
import type { Refusals } from '../auth/refusals.ts';
import type { OidcProof } from '../auth/verify-oidc.ts';
import type { Blobs } from '../blobs/open-blobs.ts';
import type { AuditLog } from '../calls/audit-log.ts';
import type { FileReply } from '../calls/file-reply.ts';
import type { HealthReport } from '../calls/health-report.ts';
import type { IncomingBody } from '../calls/read-body.ts';
import { checkOrg, needsToken } from '../calls/viewer-of.ts';
import type { Allowed } from '../outbound/allowed-addresses.ts';
import type { WebhookSecrets } from '../outbound/sign-webhook.ts';
import type { LeaseDispatcher } from '../queue/dispatch/index.ts';
import type { Actor } from '../queue/store/audit-line.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { EventFeed } from '../queue/store/event-feed.ts';
import type { AgentCaller } from '../queue/store/find-agent.ts';
import type { LeaseCaller } from '../queue/store/find-lease.ts';
import type { WakeUps } from '../queue/store/wake-ups.ts';

/** What the handlers work with; made by the wiring. */
export interface HttpDeps extends Blobs {
  readonly queue: Deps;
  readonly audit: AuditLog;
  readonly wakeUps: WakeUps;
  readonly feed: EventFeed;
  readonly dispatcher: LeaseDispatcher;
  readonly version: string;
  /** Called after tokens were revoked, or sessions of browsers ended: their open calls end too. */
  readonly forgetTokens: (ids: readonly string[]) => void;
  /** Called after an operator's token was replaced by another one. */
  readonly keepOperatorToken: (oldId: string, token: string) => void;
  /** Called where it could not be written down that the client of a run is there. */
  readonly logUnnoted: (error: unknown) => void;
  /** Checks an OIDC token of GitHub. Errors: `unauthorized`, `unavailable`. */
  readonly verifyOidc: (token: string) => Promise<OidcProof>;
  readonly badTokens: Refusals;
  /** Called with each lease that is given away, whose calls come next. */
  readonly noteLease: (lease: Lease) => void;
  readonly webhooks: WebhookRules;
  /** Whether the server's GitHub App may report what GitHub proved at this commit. */
  readonly mayReportAt: (facts: GithubFacts, sha: string) => Promise<boolean>;
  /** The bytes of a new backup. Errors: `conflict` while one is made, `unavailable`. */
  readonly readBackup: (options: BackupOptions) => Promise<AsyncIterable<Uint8Array>>;
  readonly health: () => Promise<HealthReport>;
  readonly metrics: MetricTexts;
}

/** The series of this server as text. */
export interface MetricTexts {
  readonly text: () => Promise<string>;
  /** The figures of one org alone. Errors: `unavailable`. */
  readonly textOfOrg: (orgId: string) => Promise<string>;
}

export interface BackupOptions {
  /** With logs, artifacts, bundles and builds. */
  readonly withFiles: boolean;
  /** Ends it before its first byte. */
  readonly signal?: AbortSignal;
}

/** What a new webhook gets, and where it may lead. */
export interface WebhookRules {
  readonly secrets: WebhookSecrets;
  readonly allowed: Allowed;
}

type Contracts = typeof contracts;
type Parsed<N extends RouteName, K extends string> =
  Contracts[N] extends Record<K, infer T>
    ? T extends z.ZodType
      ? z.output<T>
      : T extends 'stream'
        ? IncomingBody
        : Uint8Array
    : undefined;

/** One call, parsed. */
export interface Call<N extends RouteName> {
  readonly params: Record<string, string>;
  readonly query: Parsed<N, 'query'>;
  readonly body: Parsed<N, 'body'>;
  /** Undefined on open routes only. */
  readonly principal: Principal;
  readonly idempotencyKey: string | undefined;
  /** Where it came from, as limits count it. */
  readonly address: string;
  /** Who makes it, for the audit log. */
  readonly by: Actor;
  /** The value of a request header. */
  readonly header: (name: string) => string | undefined;
  /** Aborts when the caller goes away, or its token ends (`whyEnded`). */
  readonly signal: AbortSignal;
  /** Throws once the token is no longer valid; for calls that wait. */
  readonly recheck: () => Promise<unknown>;
}

/** The answer; or an answer with another status than the contract's first; or bytes that are not in memory. */
export type Reply<N extends RouteName> =
  | AnswerOf<N>
  | (N extends BytesRoute ? FileReply : never)
  | { readonly status: number; readonly answer: AnswerOf<N> };

export const isReply = (result: unknown): result is { readonly status: number; readonly answer: unknown } =>
  typeof result === 'object' &&
  result !== null &&
  'answer' in result &&
  typeof (result as { status?: unknown }).status === 'number';

export type Handler<N extends RouteName> = (deps: HttpDeps, call: Call<N>) => Promise<Reply<N>> | Reply<N>;
export type Handlers = { readonly [N in RouteName]: Handler<N> };

/** The org that a submit is for. Errors: `forbidden` (not the token's), `invalid` (the operator must name one). */
export function orgOf(principal: Principal, wantedOrg: string | undefined): string {
  if (!principal.isOperator) checkOrg(principal, wantedOrg);
  const orgId = principal.orgId ?? wantedOrg;
  if (orgId === undefined)
    throw new QgjobError('invalid', 'org_id: name the org, the operator token belongs to none');
  return orgId;
}

/** Whose agents the caller may speak for. */
export const agentCallerOf = (principal: Principal): AgentCaller => ({
  owner: principal.isOperator ? undefined : (principal.orgId ?? ''),
  rootId: principal.isOperator ? undefined : principal.rootId,
});

/** Which leases the caller may speak for. Errors: `forbidden` where it is neither a lease's token nor the operator's. */
export function leaseCallerOf({ isOperator, leaseId }: Principal): LeaseCaller {
  if (!isOperator && leaseId === undefined) throw needsToken('lease');
  return { leaseId };
}

/** The required `:name` part of a path. */
export const param = (call: { params: Record<string, string> }, name: string): string =>
  call.params[name] ?? '';
