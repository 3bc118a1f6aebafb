import { randomUUID } from 'node:crypto';
import type { Child } from 'hono/jsx';
import { addressOf, useView } from '../frame/view.ts';

interface PostFormProps {
  /** Path below /ui of an Action. */
  readonly action: string;
  readonly class?: string;
  readonly id?: string;
  /** A question that is asked first, where scripts run. */
  readonly confirm?: string | undefined;
  readonly children?: Child;
}

/** A form that changes something: it carries what proves that it is of this session. */
export function PostForm({ action, confirm, children, ...attributes }: PostFormProps) {
  const view = useView();
  return (
    <form
      method="post"
      action={addressOf(view, action)}
      {...attributes}
      {...(confirm !== undefined && { 'data-confirm': confirm })}
    >
      <input type="hidden" name="csrf" value={view.session?.csrf ?? ''} />
      {children}
    </form>
  );
}

interface ActionButtonProps {
  readonly action: string;
  readonly confirm?: string;
  readonly danger?: boolean;
  /** A double click does it once: for an action that reads the key. */
  readonly once?: boolean;
  /** Further fields. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly children?: Child;
}

/** One button that does something. */
export const ActionButton = ({ action, confirm, danger, once, fields = {}, children }: ActionButtonProps) => (
  <PostForm action={action} confirm={confirm} class="inline">
    {once && <input type="hidden" name="key" value={randomUUID()} />}
    {Object.entries(fields).map(([name, value]) => (
      <input type="hidden" name={name} value={value} />
    ))}
    <button type="submit" class={danger ? 'danger' : ''}>
      {children}
    </button>
  </PostForm>
);
