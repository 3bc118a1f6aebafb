import { auditActions } from '../../../../protocol/audit-actions.ts';
import { addressOf, useView } from '../../frame/view.ts';
import type { AuditSearch } from './which-lines.ts';

interface SearchProps {
  readonly search: AuditSearch;
}

/** Which lines are shown. Works without a script. */
export function SearchForm({ search }: SearchProps) {
  const view = useView();
  return (
    <search>
      <form
        method="get"
        action={addressOf({ ...view, orgId: undefined }, '/audit')}
        class="filters filters-row"
      >
        {view.orgId !== undefined && <input type="hidden" name="org" value={view.orgId} />}
        <label for="action" class="unseen">
          Action
        </label>
        <select id="action" name="action">
          <option value="">every action</option>
          {auditActions.map((action) => (
            <option value={action} selected={action === search.action}>
              {action}
            </option>
          ))}
        </select>
        <Text name="token" label="Id of a token" value={search.token} />
        <Text name="target" label="Id of what it was done to" value={search.target} />
        <Day name="since" label="from" value={search.since} />
        <Day name="until" label="to" value={search.until} />
        <button type="submit">Search</button>
      </form>
    </search>
  );
}

interface InputProps {
  readonly name: 'token' | 'target' | 'since' | 'until';
  readonly label: string;
  readonly value: string | undefined;
}

const Text = ({ name, label, value }: InputProps) => (
  <>
    <label for={name} class="unseen">
      {label}
    </label>
    <input id={name} name={name} value={value ?? ''} placeholder={label} size={22} autocomplete="off" />
  </>
);

const Day = ({ name, label, value }: InputProps) => (
  <label>
    {label} <input name={name} type="date" value={value ?? ''} />
  </label>
);
