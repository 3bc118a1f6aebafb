import type { Context } from 'hono';
import { actorOf } from '../calls/actor-of.ts';
import { addressOf } from '../calls/caller-address.ts';
import { ownerOf } from '../queue/audit/index.ts';
import type { Actor } from '../queue/store/audit-line.ts';
import { type AuditedAction, auditedActions } from './audited-actions.ts';
import type { FormCall, WebDeps } from './page.ts';
import type { WebEnv, WebOptions } from './web-env.ts';

/** Who sends a form of this browser. */
export const senderOf = (c: Context<WebEnv>, { gate }: Pick<WebOptions, 'gate'>): Actor =>
  actorOf(c.get('principal'), {
    address: addressOf(c, gate),
    requestId: c.get('requestId'),
    isSession: true,
  });

/** Takes a form; once it was taken, and before it is answered, its line in the audit log is written. */
export async function actAudited<T>(
  deps: WebDeps,
  path: string,
  call: Omit<FormCall, 'made'>,
  act: (call: FormCall) => Promise<T>,
): Promise<T> {
  const audited = auditedActions[path];
  const known = idOf(audited, call);
  const owner = known === undefined ? null : await findOwner(deps, audited, call, known);
  const isSo = known !== undefined && (await changesNothing(deps, audited, known));
  let made: string | undefined;
  const result = await act({
    ...call,
    made: (id) => {
      made = id;
    },
  });
  const id = known ?? made;
  if (typeof audited !== 'object' || id === undefined || isSo) return result;
  await deps.audit.write({
    by: call.by,
    orgId: known === undefined ? await findOwner(deps, audited, call, id) : owner,
    action: audited.action,
    targetKind: audited.kind,
    targetId: id,
    detail: detailOf(audited, call),
  });
  return result;
}

type Entry = AuditedAction | string | undefined;

/** What the path names; undefined for a form that makes something. */
function idOf(audited: Entry, call: Omit<FormCall, 'made'>): string | undefined {
  if (typeof audited !== 'object' || audited.param === null) return undefined;
  return call.param(audited.param ?? 'id');
}

const changesNothing = async ({ queue }: WebDeps, audited: Entry, id: string): Promise<boolean> =>
  typeof audited === 'object' && ((await audited.alreadySo?.(queue, id)) ?? false);

async function findOwner(
  { queue }: WebDeps,
  audited: Entry,
  { principal }: Omit<FormCall, 'made'>,
  id: string,
): Promise<string | null> {
  if (principal.orgId !== undefined || typeof audited !== 'object') return principal.orgId ?? null;
  return ownerOf(queue, audited.kind, id);
}

const detailOf = ({ fields = [], detail }: AuditedAction, call: Omit<FormCall, 'made'>) => ({
  ...Object.fromEntries(fields.map((name) => [name, call.field(name)])),
  ...detail,
});
