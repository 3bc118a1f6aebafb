import { QgjobError } from '../../../protocol/errors.ts';
import { defaultQuotas, Quotas } from '../../../protocol/shapes/quotas.ts';

export type QuotaName = keyof Quotas;

/** The quotas of an org, by its column `quotas`: what was set, else the default. */
export function quotasOf(stored: string): Quotas {
  return Quotas.parse({ ...defaultQuotas, ...JSON.parse(stored) });
}

/** The same of one quota, as an SQL expression on the column; null: no limit. */
export const quotaSql = (name: QuotaName, column: string): string =>
  `iif(json_type(${column}, '$.${name}') IS NULL, ${defaultQuotas[name]}, ${column} ->> '$.${name}')`;

/** `rate_limited`, in words: the org, what it has of it, and what it may have. */
export const overQuota = (
  orgId: string,
  name: QuotaName,
  has: number,
  may: number,
  wants: string,
): QgjobError =>
  new QgjobError(
    'rate_limited',
    `org ${orgId} has ${has} ${words[name]} and may have ${may} (quota ${name}), so there is no room for ${wants}; try again later, or ask the operator for more`,
    { details: { quota: name, has, may } },
  );

const words: Readonly<Record<QuotaName, string>> = {
  queued_jobs: 'jobs waiting',
  storage_bytes: 'bytes of files',
  agents: 'agents online',
  devices: 'devices online',
};
