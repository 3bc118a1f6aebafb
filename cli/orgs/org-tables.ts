import { trustedEvents } from '../../protocol/github.ts';
import type { Org } from '../../protocol/shapes/admin.ts';
import type { GithubBinding } from '../../protocol/shapes/github.ts';
import type { Quotas } from '../../protocol/shapes/quotas.ts';
import { formatTable } from '../output/table.ts';

/** Orgs as a table. */
export const orgTable = (orgs: readonly Org[], width: number | undefined): string[] =>
  orgs.length === 0
    ? []
    : formatTable(
        [
          ['ORG', 'WEIGHT', 'LEASES', 'PAUSED'],
          ...orgs.map((org) => [
            org.org_id,
            String(org.weight),
            org.max_leases === null ? 'any' : String(org.max_leases),
            org.paused ? 'all' : org.paused_targets.join(','),
          ]),
        ],
        { width, cuttable: [3] },
      );

/** What an org may have at a time, as a table. */
export const quotaTable = (quotas: Quotas, width: number | undefined): string[] =>
  formatTable(
    [
      ['QUOTA', 'MOST'],
      ...Object.entries(quotas).map(([name, most]) => [name, most === null ? 'any' : String(most)]),
    ],
    { width },
  );

/** Bindings as a table, each with the policy that counts. */
export const bindingTable = (bindings: readonly GithubBinding[], width: number | undefined): string[] =>
  bindings.length === 0
    ? []
    : formatTable(
        [
          ['OWNER ID', 'REPOSITORY ID', 'EVENTS', 'REFS', 'SCOPES'],
          ...bindings.map((one) => [
            one.repository_owner_id,
            one.repository_id ?? 'all',
            (one.events ?? trustedEvents).join(','),
            one.refs?.join(',') ?? 'all',
            (one.scopes ?? ['submit']).join(','),
          ]),
        ],
        { width, cuttable: [2, 3] },
      );
