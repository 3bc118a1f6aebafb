import type { Webhook } from '../../../protocol/shapes/webhook.ts';
import { listWebhooks } from '../../queue/outbox/index.ts';
import type { Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Pager } from '../parts/pager.tsx';
import { plain } from '../parts/plain.ts';
import { Status } from '../parts/status.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { readCursor } from '../read-query.ts';
import { settings } from './settings/frame.tsx';

/** Where events are sent, and whether they arrive. */
export const webhooksPage: Page = {
  path: '/settings/webhooks',
  scope: 'admin',
  async show({ queue }, call) {
    const cursor = readCursor(call, /^whk_[0-9a-f]{32}$/);
    const { webhooks, next_cursor: next } = await listWebhooks(
      queue,
      { ...(cursor !== undefined && { cursor }) },
      call.viewer,
    );
    const isOfAll = call.viewer.orgId === undefined;
    return settings(call, {
      title: 'Webhooks',
      at: 'webhooks',
      body: (
        <Card title="Receivers of events">
          <Table
            caption="Webhooks"
            columns={isOfAll ? [...columns, org] : columns}
            rows={webhooks}
            empty={
              <>
                <p>Nobody is told of events.</p>
                <p class="hint">
                  An admin adds a receiver by <code>POST /v1/webhooks</code> of the API.
                </p>
              </>
            }
          />
          <Pager to="/settings/webhooks" cursor={cursor} next={next} />
        </Card>
      ),
    });
  },
};

const columns: readonly Column<Webhook>[] = [
  {
    name: 'Receiver',
    kind: 'main',
    cell: ({ url, webhook_id: id, status_reason: reason }) => (
      <>
        <span class="strong">{plain(url, 200)}</span>
        <span class="faint mono">{id}</span>
        {reason !== null && reason !== '' && <span class="faint">{plain(reason)}</span>}
      </>
    ),
  },
  { name: 'Status', cell: (hook) => <Arrives hook={hook} /> },
  { name: 'Events', cell: ({ events }) => events.join(', ') },
  { name: 'Given up', kind: 'num', cell: ({ dropped }) => dropped },
  { name: 'Last sent', kind: 'num', cell: ({ last_sent_at: at }) => <Ago at={at} /> },
];

const org: Column<Webhook> = { name: 'Org', cell: ({ org_id: id }) => id };

function Arrives({ hook: { status, failing_since: since, last_sent_at: sent } }: { readonly hook: Webhook }) {
  if (status === 'off') return <Status of="off" word="off: it failed for three days" />;
  if (status === 'failing')
    return (
      <span>
        <Status of="failing" />{' '}
        <span class="faint">
          since <Ago at={since} />
        </span>
      </span>
    );
  return (
    <Status of={sent === null ? 'waiting' : 'active'} word={sent === null ? 'nothing sent yet' : 'arrives'} />
  );
}
