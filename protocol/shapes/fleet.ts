import * as z from 'zod';
import { deviceStatuses } from '../states.ts';
import { Installed } from './agent.ts';
import { AppVersionId, Instant, NextCursor, OrgId, Page, someOf, Target } from './common.ts';

export const Agent = z.object({
  agent_id: z.string(),
  name: z.string(),
  version: z.string(),
  status: z.enum(['online', 'offline', 'draining']),
  devices: z.array(z.string()),
  last_seen_at: Instant,
  drain: z.boolean(),
});
export type Agent = z.infer<typeof Agent>;
export const AgentList = z.object({ agents: z.array(Agent), next_cursor: NextCursor });

export const Device = z.object({
  device_id: z.string(),
  agent_id: z.string(),
  name: z.string(),
  target: Target,
  owner: z.string().describe('The org whose jobs it serves, or shared'),
  status: z.enum(deviceStatuses),
  status_reason: z.string().nullable().default(null).describe('Why it is benched, in words'),
  installed: Installed.nullable(),
  lease_id: z.string().nullable(),
  job_id: z.string().nullable(),
  borrowed_by: z
    .string()
    .nullable()
    .default(null)
    .describe('The name of the token by which it is borrowed; null also where another org has it'),
  borrowed_until: Instant.nullable().default(null),
  borrow_note: z.string().nullable().default(null),
  borrow_id: z.string().nullable().default(null),
});
export type Device = z.infer<typeof Device>;
export const DeviceList = z.object({ devices: z.array(Device), next_cursor: NextCursor });

/** Switches of an agent. A field that is left out is not changed. */
export const PatchAgent = someOf({
  drain: z.boolean().optional().describe('True: no new lease, and what has not started is given back'),
  paused: z.boolean().optional().describe('For all its devices'),
});
export type PatchAgent = z.infer<typeof PatchAgent>;

export const PatchDevice = someOf({
  paused: z.boolean().optional().describe('True: no new lease; the one it has goes on'),
});
export type PatchDevice = z.infer<typeof PatchDevice>;

export const Group = z.object({
  org_id: OrgId,
  app_version_id: AppVersionId,
  target: Target,
  queued: z.int(),
  running: z.int(),
  devices: z.array(z.string()),
  oldest_submitted_at: Instant.nullable(),
  priority: z.int().nullable(),
});
export type Group = z.infer<typeof Group>;
export const GroupList = z.object({ groups: z.array(Group), next_cursor: NextCursor });

export const PageQuery = z.strictObject({ ...Page, org_id: OrgId.optional() });
export type PageQuery = z.infer<typeof PageQuery>;
