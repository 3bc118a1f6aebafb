import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { longPollSlackMs } from '../../client/long-polls.ts';
import { limits } from '../../protocol/limits.ts';
import type { Borrow } from '../../protocol/shapes/borrow.ts';
import { defineTool, type Tool } from './tool.ts';

const BorrowId = z.object({ borrow_id: z.string().regex(/^bor_/, 'the id of a borrow begins with bor_') });
/** A caller that forgot its request must not keep a phone from others for long. */
const mostMinutes = 60;

/** Tools with which an agent has a device for itself for a while. */
export const borrowTools: readonly Tool[] = [
  defineTool({
    name: 'borrow_device',
    description:
      'Asks for a device for a while, in turn with the tests that wait for it: one by its id, or any of a target. While its status is waiting, call wait_for_borrow. Give it back with return_device.',
    isReadOnly: false,
    input: z
      .object({
        device_id: z.string().optional(),
        target: z.string().optional().describe('emulator, device, device/pixel-8 …'),
        minutes: z.int().min(1).max(mostMinutes).default(15),
        note: z.string().max(300).optional().describe('What for: others of the org see it'),
      })
      .refine((input) => (input.device_id === undefined) !== (input.target === undefined), {
        message: 'name a device_id or a target, one of them',
      }),
    async run({ client, orgId, signal }, input) {
      const body = {
        ...input,
        on_client_gone: 'cancel' as const,
        ...(orgId !== undefined && { org_id: orgId }),
      };
      return inShort(await client.call('createBorrow', { body, idempotencyKey: randomUUID(), signal }));
    },
  }),
  defineTool({
    name: 'wait_for_borrow',
    description:
      'Waits until a borrow has its device, up to 25 s a call; a request that nobody waits for ends after a minute.',
    isReadOnly: true,
    input: BorrowId,
    run: async ({ client, signal }, { borrow_id: id }) =>
      inShort(
        await client.call('getBorrow', {
          ...{ params: { id }, query: { wait_ms: limits.longPollMs }, signal },
          timeoutMs: limits.longPollMs + longPollSlackMs,
        }),
      ),
  }),
  defineTool({
    name: 'return_device',
    description: 'Gives a borrowed device back, or gives up waiting for it.',
    isReadOnly: false,
    input: BorrowId,
    run: async ({ client, signal }, { borrow_id: id }) =>
      inShort(await client.call('returnBorrow', { params: { id }, signal })),
  }),
];

/** What one needs to go on. */
const inShort = ({ borrow_id, status, device, borrowed_until, position, waits_for, ended_as }: Borrow) => ({
  ...{ borrow_id, status, device, borrowed_until, position, waits_for, ended_as },
});
