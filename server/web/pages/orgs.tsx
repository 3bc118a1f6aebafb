import { CreateOrg, type Org } from '../../../protocol/shapes/admin.ts';
import { createOrg, listOrgs } from '../../queue/orgs/index.ts';
import { demandOperator } from '../demand-operator.ts';
import type { Action, Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Field } from '../parts/field.tsx';
import { Link } from '../parts/link.tsx';
import { Pager } from '../parts/pager.tsx';
import { PostForm } from '../parts/post-form.tsx';
import { Status } from '../parts/status.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { readFields, readNumber } from '../read-fields.ts';
import { readCursor } from '../read-query.ts';
import { settings } from './settings/frame.tsx';

/** All orgs, for the operator. */
export const orgsPage: Page = {
  path: '/settings/orgs',
  scope: 'admin',
  async show({ queue }, call) {
    demandOperator(call);
    const cursor = readCursor(call, /^[\w.@+:-]{1,128}$/);
    const { orgs, next_cursor: next } = await listOrgs(queue, { ...(cursor !== undefined && { cursor }) });
    return settings(call, {
      title: 'Orgs',
      at: 'orgs',
      body: (
        <>
          <Card title="All orgs">
            <Table
              caption="Orgs"
              columns={columns}
              rows={orgs}
              empty={<p>No org yet: create one below, or submit with the operator's token.</p>}
            />
            <Pager to="/settings/orgs" cursor={cursor} next={next} />
          </Card>
          <Card title="Create an org">
            <PostForm action="/settings/orgs" class="fields card-body">
              <Field
                name="org_id"
                label="Name"
                required
                maxlength={128}
                hint="Letters, digits and . _ @ + : -"
              />
              <Field
                name="weight"
                label="Weight"
                type="number"
                value="1"
                step="any"
                min={0}
                hint={weightHint}
              />
              <Field name="max_leases" label="Cap" type="number" min={0} hint={capHint} />
              <button type="submit" class="primary">
                Create
              </button>
            </PostForm>
          </Card>
        </>
      ),
    });
  },
};

export const weightHint = 'Its share of shared devices beside that of others; 1 is the usual one.';
export const capHint = 'Devices that work for it at once; empty for no cap.';

const columns: readonly Column<Org>[] = [
  {
    name: 'Org',
    kind: 'main',
    cell: ({ org_id: id }) => (
      <Link to={`/settings/orgs/${id}`} class="strong">
        {id}
      </Link>
    ),
  },
  { name: 'Status', cell: (org) => <OrgStatus org={org} /> },
  { name: 'Weight', kind: 'num', cell: ({ weight }) => weight },
  { name: 'Cap', kind: 'num', cell: ({ max_leases: most }) => most ?? <span class="faint">none</span> },
  { name: 'Created', kind: 'num', cell: ({ created_at: at }) => <Ago at={at} /> },
];

export const OrgStatus = ({ org }: { readonly org: Org }) =>
  org.paused ? (
    <Status of="paused" />
  ) : org.paused_targets.length > 0 ? (
    <Status of="paused" word={`paused on ${org.paused_targets.join(', ')}`} />
  ) : (
    <Status of="active" />
  );

export const createOrgAction: Action = {
  path: '/settings/orgs',
  scope: 'admin',
  async act({ queue }, call) {
    demandOperator(call);
    const body = readFields(CreateOrg, {
      org_id: call.field('org_id').trim(),
      weight: readNumber('weight', call.field('weight')),
      max_leases: readNumber('max_leases', call.field('max_leases')),
    });
    const { org_id: id } = await createOrg(queue, body);
    call.made(id);
    return `/settings/orgs/${encodeURIComponent(id)}`;
  },
};
