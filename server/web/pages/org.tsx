import type { Org } from '../../../protocol/shapes/admin.ts';
import { PatchOrg } from '../../../protocol/shapes/admin.ts';
import type { GithubBinding } from '../../../protocol/shapes/github.ts';
import { findOrg, listBindings, patchOrg } from '../../queue/orgs/index.ts';
import { checkOwner } from '../../queue/store/viewer.ts';
import { demandOperator } from '../demand-operator.ts';
import type { Action, FormCall, Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Field } from '../parts/field.tsx';
import { Link } from '../parts/link.tsx';
import { ActionButton, PostForm } from '../parts/post-form.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { readFields, readNumber } from '../read-fields.ts';
import { capHint, OrgStatus, weightHint } from './orgs.tsx';
import { settings } from './settings/frame.tsx';

/** One org: its pause, its share of the devices, its repositories. */
export const orgPage: Page = {
  path: '/settings/orgs/:id',
  scope: 'admin',
  async show({ queue }, call) {
    const id = call.param('id');
    checkOwner(id, call.owner, `org ${id}`);
    const [org, { bindings }] = await Promise.all([findOrg(queue, id), listBindings(queue, id, call.owner)]);
    const { isOperator } = call.principal;
    return settings(call, {
      title: id,
      at: 'orgs',
      crumbs: isOperator ? <Link to="/settings/orgs">Orgs</Link> : 'Org',
      body: (
        <>
          <Card title="Work" aside={<OrgStatus org={org} />}>
            <Pause org={org} />
          </Card>
          <Card title="Share of the devices">
            <Share org={org} isOperator={isOperator} />
          </Card>
          <Card title="Repositories of GitHub">
            <Table
              caption="Repositories whose workflows sign in for this org"
              columns={columns}
              rows={bindings}
              empty={
                <>
                  <p>None: no workflow of GitHub signs in for this org without a secret.</p>
                  <p class="hint">
                    The operator binds them: <code>qgjob orgs github {id} --help</code>
                  </p>
                </>
              }
            />
          </Card>
        </>
      ),
    });
  },
};

const Pause = ({ org }: { readonly org: Org }) => (
  <div class="card-body stack">
    <p>
      {org.paused
        ? 'None of its jobs starts. What runs goes on; what is queued keeps its place.'
        : 'Its jobs start as devices are free. To pause it lets what runs go on, and starts nothing new.'}
    </p>
    <div>
      <ActionButton action={`/settings/orgs/${org.org_id}/${org.paused ? 'resume' : 'pause'}`}>
        {org.paused ? 'Resume' : 'Pause'}
      </ActionButton>
    </div>
    <PostForm action={`/settings/orgs/${org.org_id}/targets`} class="fields">
      <Field
        name="paused_targets"
        label="Paused on these targets alone"
        value={org.paused_targets.join(', ')}
        placeholder="emulator, device/pixel-8"
        hint="Separated by commas; empty for none."
      />
      <button type="submit">Save</button>
    </PostForm>
  </div>
);

function Share({ org, isOperator }: { readonly org: Org; readonly isOperator: boolean }) {
  const { weight, max_leases: most } = org;
  if (!isOperator)
    return (
      <dl class="pairs">
        <dt>Weight</dt>
        <dd>{weight}</dd>
        <dt>Cap</dt>
        <dd>{most === null ? 'none' : `${most} devices at once`}</dd>
      </dl>
    );
  return (
    <PostForm action={`/settings/orgs/${org.org_id}`} class="fields card-body">
      <Field
        name="weight"
        label="Weight"
        type="number"
        value={`${weight}`}
        step="any"
        min={0}
        hint={weightHint}
      />
      <Field name="max_leases" label="Cap" type="number" value={`${most ?? ''}`} min={0} hint={capHint} />
      <button type="submit">Save</button>
    </PostForm>
  );
}

const columns: readonly Column<GithubBinding>[] = [
  {
    name: 'Repository',
    kind: 'main',
    cell: ({ repository_id: id, repository_owner_id: owner }) =>
      id === undefined ? `all of the owner ${owner}` : `${id} of the owner ${owner}`,
  },
  { name: 'Events', cell: ({ events }) => events?.join(', ') ?? 'those that need write access' },
  { name: 'Refs', cell: ({ refs }) => refs?.join(', ') ?? 'all' },
  { name: 'May', cell: ({ scopes }) => (scopes ?? ['submit']).join(', ') },
];

const change = (word: string, read: (call: FormCall) => unknown): Action => ({
  path: `/settings/orgs/:id${word}`,
  scope: 'admin',
  async act({ queue }, call) {
    const id = call.param('id');
    await patchOrg(queue, id, readFields(PatchOrg, read(call)), call.owner);
    return `/settings/orgs/${encodeURIComponent(id)}`;
  },
});

const targetsOf = (text: string): string[] =>
  text
    .split(',')
    .map((target) => target.trim())
    .filter((target) => target !== '');

export const orgActions: readonly Action[] = [
  change('', (call) => {
    demandOperator(call);
    return {
      weight: readNumber('weight', call.field('weight')),
      max_leases: readNumber('max_leases', call.field('max_leases')) ?? null,
    };
  }),
  change('/pause', () => ({ paused: true })),
  change('/resume', () => ({ paused: false })),
  change('/targets', (call) => ({ paused_targets: targetsOf(call.field('paused_targets')) })),
];
