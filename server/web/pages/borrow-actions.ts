import { BorrowDevice, ExtendBorrow } from '../../../protocol/shapes/borrow.ts';
import { refuseWorkflow } from '../../calls/refuse-workflow.ts';
import { endBorrow, extendBorrow, requestBorrow } from '../../queue/borrows/index.ts';
import type { Action, FormCall, WebDeps } from '../page.ts';
import { readFields, readNumber } from '../read-fields.ts';
import { readKey } from '../read-key.ts';

/** A form about a borrow leads back to its device. */
const action = (path: string, act: (deps: WebDeps, call: FormCall) => Promise<unknown>): Action => ({
  path: `/devices/:id/${path}`,
  scope: 'submit',
  async act(deps, call) {
    refuseWorkflow(call.principal);
    await act(deps, call);
    return `/devices/${call.param('id')}`;
  },
});

const minutesOf = (call: FormCall) => readNumber('minutes', call.field('minutes'));

export const borrowActions: readonly Action[] = [
  action('borrow', async ({ queue }, call) => {
    const note = call.field('note').trim();
    const body = readFields(BorrowDevice, { minutes: minutesOf(call), ...(note !== '' && { note }) });
    await requestBorrow(queue, {
      // The operator borrows for the org that is chosen, else for nobody's.
      orgId: call.viewer.orgId,
      body: { ...body, device_id: call.param('id') },
      tokenId: call.principal.tokenId,
      idempotencyKey: readKey(call),
    });
  }),
  action('borrows/:borrow/extend', ({ queue }, call) => {
    const { minutes } = readFields(ExtendBorrow, { minutes: minutesOf(call) });
    return extendBorrow(queue, call.param('borrow'), minutes, call.owner);
  }),
  action('borrows/:borrow/return', ({ queue }, call) => endBorrow(queue, call.param('borrow'), call.owner)),
];
