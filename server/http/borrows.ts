import type { CreateBorrow } from '../../protocol/shapes/borrow.ts';
import { refuseWorkflow } from '../calls/refuse-workflow.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import {
  endBorrow,
  extendBorrow,
  listBorrows,
  readBorrow,
  requestBorrow,
  returnDevice,
  watchBorrow,
} from '../queue/borrows/index.ts';
import { type Call, type Handlers, type HttpDeps, orgOf, param } from './handler.ts';
import { longPoll } from './long-poll.ts';

type BorrowRoutes =
  | 'borrowDevice'
  | 'returnDevice'
  | 'createBorrow'
  | 'listBorrows'
  | 'getBorrow'
  | 'extendBorrow'
  | 'returnBorrow';

type Asking = Pick<Call<'createBorrow'>, 'principal' | 'idempotencyKey'>;

async function borrow({ queue }: HttpDeps, { principal, idempotencyKey }: Asking, body: CreateBorrow) {
  refuseWorkflow(principal);
  // The operator's own borrows belong to no org.
  const isOwn = principal.isOperator && body.org_id === undefined;
  const orgId = isOwn ? undefined : orgOf(principal, body.org_id);
  const request = { orgId, body, tokenId: principal.tokenId, idempotencyKey };
  const { borrow: answer, wasThere } = await requestBorrow(queue, request);
  return { status: wasThere ? 200 : 201, answer };
}

export const borrowHandlers: Pick<Handlers, BorrowRoutes> = {
  borrowDevice: (deps, call) => borrow(deps, call, { ...call.body, device_id: param(call, 'id') }),

  returnDevice({ queue }, call) {
    refuseWorkflow(call.principal);
    return returnDevice(queue, param(call, 'id'), viewerOf(call.principal));
  },

  createBorrow: (deps, call) => borrow(deps, call, call.body),

  async listBorrows({ queue }, { principal, query }) {
    const { rows, nextCursor } = await listBorrows(queue, query, viewerOf(principal, query.org_id));
    return { borrows: rows, next_cursor: nextCursor };
  },

  async getBorrow({ queue, wakeUps }, call) {
    const id = param(call, 'id');
    const waitMs = call.query.wait_ms ?? 0;
    const viewer = viewerOf(call.principal);
    const { poolId } = await watchBorrow(queue, id, waitMs, viewer);
    const read = () => readBorrow(queue, id, viewer);
    return longPoll(
      wakeUps,
      `pool:${poolId}`,
      { ...call, waitMs },
      read,
      (found) => found.status !== 'waiting',
    );
  },

  extendBorrow({ queue }, call) {
    refuseWorkflow(call.principal);
    return extendBorrow(queue, param(call, 'id'), call.body.minutes, viewerOf(call.principal));
  },

  returnBorrow({ queue }, call) {
    refuseWorkflow(call.principal);
    return endBorrow(queue, param(call, 'id'), viewerOf(call.principal));
  },
};
