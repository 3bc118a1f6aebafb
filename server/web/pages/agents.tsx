import type { Agent } from '../../../protocol/shapes/fleet.ts';
import { listAgents } from '../../queue/fleet/index.ts';
import type { Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Pager } from '../parts/pager.tsx';
import { plain } from '../parts/plain.ts';
import { ActionButton } from '../parts/post-form.tsx';
import { Status } from '../parts/status.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { readCursor } from '../read-query.ts';
import { FleetTabs } from './devices/tabs.tsx';

/** The agents: who is there, with which version, and who takes no more work. */
export const agentsPage: Page = {
  path: '/agents',
  scope: 'read',
  async show({ queue }, call) {
    const cursor = readCursor(call, /^agt_[0-9a-f]{32}$/);
    const { rows, nextCursor } = await listAgents(queue, { cursor }, call.viewer);
    return {
      title: 'Agents',
      section: 'devices',
      live: {},
      body: (
        <>
          <div class="page-head">
            <h1>Agents</h1>
            <FleetTabs at="agents" />
          </div>
          <Card title="All agents" id="agents">
            <Table
              caption="Agents"
              columns={call.may('admin') ? [...columns, switches] : columns}
              rows={rows}
              idOf={({ agent_id: id }) => `row-${id}`}
              empty={
                <>
                  <p>No agent has registered yet.</p>
                  <p class="hint">
                    On the host with the devices: <code>qgjob init agent</code>, then <code>qgjob agent</code>
                  </p>
                </>
              }
            />
            <Pager to="/agents" cursor={cursor} next={nextCursor} />
          </Card>
        </>
      ),
    };
  },
};

const columns: readonly Column<Agent>[] = [
  {
    name: 'Agent',
    kind: 'main',
    cell: ({ name, drain }) => (
      <>
        <span class="strong">{plain(name, 60)}</span>
        {drain && <span class="faint">It takes no more work: what runs goes on to its end.</span>}
      </>
    ),
  },
  { name: 'Status', cell: ({ status }) => <Status of={status} /> },
  { name: 'Version', cell: ({ version }) => plain(version, 30) },
  { name: 'Devices', kind: 'num', cell: ({ devices }) => devices.length },
  { name: 'Heard', kind: 'num', cell: ({ last_seen_at: at }) => <Ago at={at} /> },
];

const switches: Column<Agent> = {
  name: 'Switch',
  cell: ({ agent_id: id, name, drain }) => (
    <div class="buttons">
      <ActionButton action={`/agents/${id}/${drain ? 'undrain' : 'drain'}`}>
        {drain ? 'End the drain' : 'Drain'}
        <span class="unseen"> of {plain(name, 60)}</span>
      </ActionButton>
    </div>
  ),
};
