import { addressOf, useView } from '../../frame/view.ts';
import type { PageCall } from '../../page.ts';
import { Choice, Field } from '../../parts/field.tsx';
import { PostForm } from '../../parts/post-form.tsx';

/** The fields as they were sent. */
export type TokenFields = Readonly<Record<'name' | 'org_id' | 'scope' | 'agent_names' | 'days', string>>;

interface TokenFormProps {
  readonly call: PageCall;
  readonly given?: TokenFields | undefined;
  /** What was wrong with them. */
  readonly error?: string | undefined;
}

const scopes = [
  ['read', 'read: see everything of the org'],
  ['submit', 'submit: and run, cancel and try again'],
  ['admin', 'admin: and switch devices, make tokens'],
  ['agent', 'agent: bring devices'],
] as const;

/** Makes a token. Only the operator chooses the org, or none: that is one for agents that serve all. */
export function TokenForm({ call, given, error }: TokenFormProps) {
  const view = useView();
  const { isOperator, orgId } = call.principal;
  return (
    <PostForm action="/settings/tokens" class="fields card-body">
      {error !== undefined && (
        <p class="notice bad" role="alert">
          {error}
        </p>
      )}
      <Field
        name="name"
        label="Name"
        required
        maxlength={128}
        value={given?.name}
        hint="What it is for: nightly-ci"
      />
      {isOperator ? (
        <Field
          name="org_id"
          label="Org"
          value={given?.org_id ?? view.orgId}
          hint="Empty: a shared one, for agents that serve all orgs, or to read the metrics."
        />
      ) : (
        <p class="hint">
          It is for {orgId}. All that it is not for is refused, see{' '}
          <a href={addressOf(view, '/settings')}>what yours may</a>.
        </p>
      )}
      <Choice name="scope" label="It may" chosen={given?.scope ?? 'submit'} choices={scopes} />
      <Field
        name="agent_names"
        label="Agents that may use it"
        value={given?.agent_names}
        placeholder="rack-*"
        hint="With the scope agent; empty: the first agent that does."
      />
      <Field
        name="days"
        label="Good for, in days"
        type="number"
        min={1}
        max={3650}
        value={given?.days ?? '90'}
      />
      <button type="submit" class="primary">
        Make it
      </button>
    </PostForm>
  );
}
