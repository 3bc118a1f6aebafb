import { viewerOf } from '../calls/viewer-of.ts';
import { addQuarantine, listQuarantines, removeQuarantine } from '../queue/ledger/index.ts';
import { type Handlers, param } from './handler.ts';

export const quarantineHandlers: Pick<Handlers, 'addQuarantine' | 'listQuarantines' | 'removeQuarantine'> = {
  addQuarantine: ({ queue }, { principal, body }) =>
    addQuarantine(queue, body, viewerOf(principal), principal.tokenId),

  listQuarantines: ({ queue }, { principal, query }) =>
    listQuarantines(queue, query, viewerOf(principal, query.org_id)),

  async removeQuarantine({ queue }, call) {
    const { principal } = call;
    await removeQuarantine(queue, param(call, 'id'), viewerOf(principal), principal.tokenId);
    return undefined;
  },
};
