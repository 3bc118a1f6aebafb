import { randomUUID } from 'node:crypto';
import { limits } from '../../../../protocol/limits.ts';
import type { Borrow } from '../../../../protocol/shapes/borrow.ts';
import type { Device } from '../../../../protocol/shapes/fleet.ts';
import { Field } from '../../parts/field.tsx';
import { plain } from '../../parts/plain.ts';
import { ActionButton, PostForm } from '../../parts/post-form.tsx';
import { Ago } from '../../parts/time.tsx';

interface BorrowingProps {
  readonly device: Device;
  /** Those of the viewer's org that wait for it, the next one first. */
  readonly waiting: readonly Borrow[];
}

/** Forms to borrow a device for a person, to keep it longer and to give it back. */
export const Borrowing = ({ device, waiting }: BorrowingProps) => (
  <div class="card-body stack">
    {device.borrow_id !== null ? (
      <Borrowed device={device} id={device.borrow_id} />
    ) : (
      <>
        <p class="hint">
          For a look by hand: in turn with the jobs that wait for it, and given back by itself at its end.
        </p>
        <Form action={`/devices/${device.device_id}/borrow`} button="Borrow" hasNote />
      </>
    )}
    {waiting.map((borrow) => (
      <Waiting borrow={borrow} deviceId={device.device_id} />
    ))}
  </div>
);

const Borrowed = ({ device, id }: { readonly device: Device; readonly id: string }) => (
  <>
    <p>
      <span class="strong">{plain(device.borrowed_by ?? '', 80)}</span> has it; it comes back{' '}
      <Ago at={device.borrowed_until} />
      {device.borrow_note !== null && <>: {plain(device.borrow_note)}</>}.
    </p>
    <div class="buttons">
      <ActionButton action={`/devices/${device.device_id}/borrows/${id}/return`}>Give it back</ActionButton>
    </div>
    <Form action={`/devices/${device.device_id}/borrows/${id}/extend`} button="Keep it longer" />
  </>
);

interface FormProps {
  readonly action: string;
  readonly button: string;
  readonly hasNote?: boolean;
}

const Form = ({ action, button, hasNote }: FormProps) => (
  <PostForm action={action} class="fields">
    <input type="hidden" name="key" value={randomUUID()} />
    <Field
      name="minutes"
      label="Minutes from now"
      type="number"
      value="30"
      min={1}
      max={limits.borrowMinutes}
      required
    />
    {hasNote && <Field name="note" label="Note" maxlength={300} hint="For what: others of the org see it." />}
    <button type="submit">{button}</button>
  </PostForm>
);

const Waiting = ({ borrow, deviceId }: { readonly borrow: Borrow; readonly deviceId: string }) => (
  <div class="notice waits">
    <p>
      <span class="strong">{plain(borrow.borrowed_by, 80)}</span> waits for it
      {borrow.position !== null && <>, number {borrow.position} in the queue</>}
      {borrow.waits_for !== null && <>: {plain(borrow.waits_for)}</>}.
    </p>
    <ActionButton action={`/devices/${deviceId}/borrows/${borrow.borrow_id}/return`}>Give it up</ActionButton>
  </div>
);
