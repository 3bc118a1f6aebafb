import * as z from 'zod';
import { namesPattern } from '../ids.ts';
import { scopes } from '../states.ts';
import { targetsPattern } from '../targets.ts';
import { Instant, Name, NextCursor, OrgId, Page, someOf, Target } from './common.ts';
import { Figures, windows } from './figures.ts';
import { Quotas } from './quotas.ts';
import { Counts } from './run.ts';

export const CreateOrg = z.strictObject({
  org_id: OrgId,
  weight: z.number().positive().max(1000).optional(),
  max_leases: z.int().min(0).max(100_000).optional().describe('Live leases at once; absent: no cap'),
});
export type CreateOrg = z.infer<typeof CreateOrg>;

export const Org = z.object({
  org_id: OrgId,
  weight: z.number(),
  max_leases: z.int().nullable(),
  paused: z.boolean(),
  paused_targets: z.array(z.string()).describe('Targets on which none of its jobs starts'),
  quotas: Quotas,
  untrusted_targets: z
    .array(z.string())
    .describe(
      'Targets, `*` for any characters, on which workflows may run whose event needs no write access',
    ),
  created_at: Instant,
});
export type Org = z.infer<typeof Org>;
const TargetPattern = z
  .string()
  .regex(
    targetsPattern,
    'is no target; give one like emulator/forks, in which * stands for any characters behind the slash',
  );

/** Switches of an org. A field that is left out is not changed. */
export const PatchOrg = someOf({
  paused: z.boolean().optional().describe('True: no new lease for its jobs; those that run go on'),
  paused_targets: z
    .array(Target)
    .max(100)
    .optional()
    .describe('The targets on which none of its jobs gets a new lease, in place of those before'),
  weight: CreateOrg.shape.weight,
  max_leases: CreateOrg.shape.max_leases
    .unwrap()
    .nullable()
    .optional()
    .describe('Live leases at once; null: no cap'),
  untrusted_targets: z
    .array(TargetPattern)
    .max(100)
    .optional()
    .describe(
      'In place of those before: targets whose agents are for code of strangers (`pull_request_target`, `issue_comment`, `workflow_run` and others that need no write access)',
    ),
  quotas: Quotas.partial()
    .optional()
    .describe('What it may have at a time; one that is left out is not changed'),
});
export type PatchOrg = z.infer<typeof PatchOrg>;

export const OrgPageQuery = z.strictObject({ limit: Page.limit, cursor: Page.cursor });
export const OrgList = z.object({ orgs: z.array(Org), next_cursor: NextCursor });

const AgentNames = z
  .string()
  .regex(namesPattern, 'agent_names is the name of an agent, in which * stands for any characters: rack-*');

export const CreateToken = z.strictObject({
  name: Name,
  org_id: OrgId.optional(),
  scopes: z.array(z.enum(scopes)).min(1, 'name at least one scope').max(scopes.length),
  shared: z.boolean().optional().describe('An agent token without an org: operator only'),
  expires_in_days: z
    .int()
    .min(1)
    .max(3650)
    .optional()
    .describe(
      'It ends before that with the token by which it is made, or at the greatest age on this server',
    ),
  agent_targets: z
    .array(TargetPattern)
    .min(1)
    .max(20)
    .optional()
    .describe(
      'With the scope agent: the targets that its agents may offer, like `emulator/forks-*`. Absent: all',
    ),
  agent_names: AgentNames.optional().describe(
    'With the scope agent: the agents that may use it, a name or a pattern like `rack-*`. Absent: the first name that uses it',
  ),
});
export type CreateToken = z.infer<typeof CreateToken>;

export const Token = z.object({
  token_id: z.string(),
  name: z.string(),
  org_id: OrgId.nullable(),
  scopes: z.array(z.enum(['operator', ...scopes])),
  shared: z.boolean(),
  agent_names: z.string().nullable().describe('The agents that may use it; null: none has used it yet'),
  agent_targets: z
    .array(z.string())
    .nullable()
    .optional()
    .describe('The targets that its agents may offer; null: all'),
  parent_id: z
    .string()
    .nullable()
    .optional()
    .describe(
      'The token by which it was made: it ends with that one; null: by none, or before that was kept',
    ),
  replaces_id: z.string().nullable().optional().describe('The token that it replaces'),
  created_at: Instant,
  expires_at: Instant.nullable(),
  last_used_at: Instant.nullable(),
});
export type Token = z.infer<typeof Token>;
export const TokenPageQuery = OrgPageQuery.extend({ org_id: OrgId.optional() });
export const TokenList = z.object({ tokens: z.array(Token), next_cursor: NextCursor });

/** The only answer that holds the token itself. */
export const CreatedToken = z.object({
  token_id: z.string(),
  token: z.string(),
  org_id: OrgId.nullable(),
  scopes: Token.shape.scopes,
  expires_at: Instant.nullable(),
});
export type CreatedToken = z.infer<typeof CreatedToken>;

export const RotateToken = z.strictObject({
  overlap_minutes: z
    .int()
    .min(0)
    .max(7 * 24 * 60)
    .default(60)
    .describe('So long the old token stays good beside the new one'),
});
export type RotateToken = z.infer<typeof RotateToken>;

export const Whoami = z.object({
  token_id: z.string(),
  name: z.string(),
  org_id: OrgId.nullable(),
  scopes: Token.shape.scopes,
  shared: z.boolean(),
  repository: z.string().nullable().describe('Of the workflow that got the token by OIDC'),
  agent_names: Token.shape.agent_names.optional(),
  agent_targets: Token.shape.agent_targets,
  parent_id: Token.shape.parent_id,
  expires_at: Instant.nullable(),
  last_used_at: Token.shape.last_used_at.optional(),
});
export type Whoami = z.infer<typeof Whoami>;

export const StatsQuery = z.strictObject({
  org_id: OrgId.optional(),
  window: z.enum(windows).optional().describe('Also what was done in this time'),
});

export const Stats = z.object({
  jobs: Counts,
  runs_active: z.int(),
  agents_online: z.int(),
  devices: z.record(z.string(), z.int()),
  leases_active: z.int(),
  figures: Figures.optional().describe('With `window`'),
});
export type Stats = z.infer<typeof Stats>;

export const Health = z.object({ status: z.enum(['ok', 'unavailable']), version: z.string() });
export type Health = z.infer<typeof Health>;

export const HealthDetailed = Health.extend({
  uptime_ms: z.int(),
  database: z.object({ status: z.enum(['ok', 'unavailable']), error: z.string().optional() }),
  loops: z.record(
    z.string(),
    z.object({ last_run_at: Instant.nullable(), last_error: z.string().nullable() }),
  ),
});
export type HealthDetailed = z.infer<typeof HealthDetailed>;
