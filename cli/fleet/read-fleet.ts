import type { Client } from '../../client/index.ts';
import type { Agent, Device, Group } from '../../protocol/shapes/fleet.ts';
import { allPages } from '../all-pages.ts';

/** All devices that the caller may see; of an org its own and the shared ones. */
export const readDevices = (client: Client, orgId: string | undefined): Promise<Device[]> =>
  allPages(async (start) => {
    const query = { ...start, org_id: orgId };
    const { devices, next_cursor } = await client.call('listDevices', { query });
    return { rows: devices, next: next_cursor };
  });

export const readAgents = (client: Client, orgId: string | undefined): Promise<Agent[]> =>
  allPages(async (start) => {
    const { agents, next_cursor } = await client.call('listAgents', { query: { ...start, org_id: orgId } });
    return { rows: agents, next: next_cursor };
  });

/** The groups that have queued or leased jobs. */
export const readGroups = (client: Client, orgId: string | undefined): Promise<Group[]> =>
  allPages(async (start) => {
    const { groups, next_cursor } = await client.call('listGroups', { query: { ...start, org_id: orgId } });
    return { rows: groups, next: next_cursor };
  });
