import { viewerOf } from '../calls/viewer-of.ts';
import { listTests, readTest } from '../queue/ledger/index.ts';
import { type Handlers, param } from './handler.ts';

export const testHandlers: Pick<Handlers, 'listTests' | 'getTest'> = {
  listTests: ({ queue }, { principal, query }) => listTests(queue, query, viewerOf(principal, query.org_id)),

  getTest: ({ queue }, call) => readTest(queue, param(call, 'id'), viewerOf(call.principal)),
};
