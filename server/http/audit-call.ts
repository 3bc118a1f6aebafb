import type { AnswerOf } from '../../protocol/contracts.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import { ownerOf } from '../queue/audit/index.ts';
import type { AuditLine } from '../queue/store/audit-line.ts';
import { type Audited, auditedRoutes } from './audited-routes.ts';
import { type Call, type HttpDeps, isReply, param, type Reply } from './handler.ts';

/**
 * Serves a call; once it has succeeded, and before it is answered, its line in the audit log is written: none where the call
 * has changed nothing.
 */
export async function serveAudited<N extends RouteName>(
  deps: HttpDeps,
  name: N,
  call: Call<N>,
  serve: () => Promise<Reply<N>> | Reply<N>,
): Promise<Reply<N>> {
  const audited: Audited<N> | string | null = auditedRoutes[name];
  if (audited === null || typeof audited === 'string') return serve();
  if (await audited.alreadySo?.(deps, call)) return serve();
  const owner = await findOwner(deps, audited, call);
  const result = await serve();
  await deps.audit.write(lineOf(audited, call, result, { status: routes[name].status, owner }));
  return result;
}

/** Looked up before: the call may delete the row. A caller that has an org changes nothing but that org's rows. */
async function findOwner<N extends RouteName>(
  { queue }: HttpDeps,
  { kind, org }: Audited<N>,
  call: Call<N>,
): Promise<string | null> {
  if (org) return null;
  return call.principal.orgId ?? ownerOf(queue, kind, param(call, 'id'));
}

/** A file is told of by what was asked alone. */
const answerOf = <N extends RouteName>(result: Reply<N>): AnswerOf<N> =>
  (isReply(result) ? result.answer : result) as AnswerOf<N>;

function lineOf<N extends RouteName>(
  { action, kind, target, org, detail, by }: Audited<N>,
  call: Call<N>,
  result: Reply<N>,
  known: { readonly status: number; readonly owner: string | null },
): AuditLine {
  const answer = answerOf(result);
  const status = isReply(result) ? result.status : known.status;
  return {
    by: { ...call.by, ...by?.(answer) },
    orgId: org ? org(call, answer) : known.owner,
    action: typeof action === 'function' ? action(call, status) : action,
    targetKind: kind,
    targetId: target ? target(call, answer) : param(call, 'id'),
    ...(detail && { detail: detail(call, answer) }),
  };
}
