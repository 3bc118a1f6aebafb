import { QgjobError } from '../../../protocol/errors.ts';
import { AddQuarantine } from '../../../protocol/shapes/quarantine.ts';
import { addQuarantine, removeQuarantine } from '../../queue/ledger/index.ts';
import type { Action } from '../page.ts';
import { readFields } from '../read-fields.ts';

/** What `datetime-local` sends, as an instant in UTC. Errors: `invalid`. */
function instantOf(text: string): string {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN;
  if (Number.isNaN(at)) throw new QgjobError('invalid', 'End: give a day and a time, like 2027-01-31T12:00');
  return new Date(at).toISOString();
}

export const quarantineActions: readonly Action[] = [
  {
    path: '/tests/:id/quarantine',
    scope: 'admin',
    async act({ queue }, call) {
      const body = readFields(AddQuarantine, {
        test_id: call.param('id'),
        owner: call.field('owner'),
        reason: call.field('reason'),
        ends_at: instantOf(call.field('ends_at')),
        lanes: call.fields('lane'),
      });
      const made = await addQuarantine(queue, body, call.owner, call.principal.tokenId);
      call.made(made.quarantine_id);
      return `/tests/${call.param('id')}#quarantine`;
    },
  },
  {
    path: '/tests/:id/quarantines/:quarantine/end',
    scope: 'admin',
    async act({ queue }, call) {
      await removeQuarantine(queue, call.param('quarantine'), call.owner, call.principal.tokenId);
      return `/tests/${call.param('id')}#quarantine`;
    },
  },
];
