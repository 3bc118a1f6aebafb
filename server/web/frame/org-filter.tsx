import { addressOf, useView } from './view.ts';

/** Which org an operator looks at; of anybody else, the org of the token. Works without a script. */
export function OrgFilter() {
  const view = useView();
  const { principal } = view.session ?? {};
  if (!principal?.isOperator) return <span class="org">{principal?.orgId ?? 'no org'}</span>;
  return (
    <form
      method="get"
      action={addressOf({ base: view.base, orgId: undefined }, '/')}
      class="inline org-filter"
    >
      <label for="org">Org</label>
      {view.orgs ? <Choice orgs={view.orgs} chosen={view.orgId} /> : <Typed chosen={view.orgId} />}
      <button type="submit" class={view.orgs ? 'only-without-script' : ''}>
        Show
      </button>
    </form>
  );
}

interface Chosen {
  readonly chosen: string | undefined;
}

const Choice = ({ orgs, chosen }: Chosen & { readonly orgs: readonly string[] }) => (
  <select id="org" name="org" data-submits="">
    <option value="">all orgs</option>
    {orgs.map((org) => (
      <option value={org} selected={org === chosen}>
        {org}
      </option>
    ))}
  </select>
);

const Typed = ({ chosen }: Chosen) => (
  <input id="org" name="org" value={chosen ?? ''} placeholder="all orgs" size={12} autocomplete="off" />
);
