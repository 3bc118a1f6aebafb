import type { AppVersion } from '../../protocol/shapes/app-version.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { formatTable } from '../output/table.ts';

const title = ['APP VERSION', 'PLATFORM', 'PACKAGE', 'SIZE', 'REGISTERED'];

const sizeOf = ({ size, url }: AppVersion): string => {
  if (size !== null) return formatBytes(size);
  return url === null ? 'no file' : 'address';
};

const row = (app: AppVersion): string[] => [
  app.app_version_id,
  app.platform,
  app.package_name ?? '',
  sizeOf(app),
  `${app.created_at.slice(0, 16).replace('T', ' ')} UTC`,
];

/** App versions as a table; ids and packages are cut where the terminal is narrow. */
export const appTable = (apps: readonly AppVersion[], width: number | undefined): string[] =>
  apps.length === 0 ? [] : formatTable([title, ...apps.map(row)], { width, cuttable: [2, 0] });

/** All that is known of one, a line each. */
export function describeAppVersion(app: AppVersion): string[] {
  const file = app.size === null ? 'not here' : `${formatBytes(app.size)} (${app.size} bytes)`;
  return formatTable([
    ['app version', app.app_version_id],
    ['org', app.org_id],
    ['platform', app.platform],
    ['package', app.package_name ?? 'not known'],
    ['file', file],
    ['sha256', app.sha256 ?? 'not known'],
    ['address', app.url ?? 'none'],
    ['registered', app.created_at],
  ]);
}
