import { type ErrorCode, errorTable } from '../../protocol/errors.ts';
import { exitCodeMeanings, exitCodes } from '../../protocol/exit-codes.ts';
import { legacyRoutes } from '../../protocol/legacy-routes.ts';
import { type RouteName, routes } from '../../protocol/routes.ts';
import { settingShapes, variableOf } from '../../server/config.ts';
import { takesKey } from '../../server/http/openapi.ts';
import { cliTables } from './cli-tables.ts';
import { lifecycleTables } from './lifecycle/tables.ts';
import { markdownTable as table } from './markdown-table.ts';
import { metricTables } from './metric-tables.ts';

/** What each error code means to a caller; the other columns come from `errorTable`. */
const meanings: Record<ErrorCode, string> = {
  invalid: 'The request is wrong; `details.issues` lists the fields',
  no_device: 'No device has ever offered the target; most likely the pool is misspelt',
  unauthorized: 'No token, or one that is mistyped, expired or revoked',
  forbidden: "The token lacks the scope, or is another org's",
  not_found: 'No such row in your org',
  conflict: 'Not possible in this state, or already done in another way',
  lease_lost: 'The lease has ended: kill its test and drop the work',
  job_cancelled: 'The job was cancelled before its start: skip it',
  replaced: 'A newer process has registered under the same agent name: exit',
  too_large: 'The body is over its limit',
  rate_limited: 'Too many calls',
  unavailable: 'Starting, stopping, or the database cannot be written',
  internal: 'A fault of the server; its log says more under the `request_id`',
};

const yes = (value: boolean): string => (value ? 'yes' : '');

/** The generated tables of the docs, by the name of their marks. */
export const docTables: Record<string, () => string> = {
  ...lifecycleTables,
  ...metricTables,
  ...cliTables,
  calls: () =>
    table(
      ['call', 'does', 'scope', 'safe to repeat'],
      Object.entries(routes).map(([name, { method, path, summary, scope, repeatable }]) => [
        `\`${method} ${path}\``,
        summary,
        scope,
        repeatable ? 'yes' : takesKey(name as RouteName) ? 'with a key' : '',
      ]),
    ),
  errors: () =>
    table(
      ['code', 'status', 'means', 'try again', 'exit code of the CLI'],
      Object.entries(errorTable).map(([code, { status, retryable, exitCode }]) => [
        `\`${code}\``,
        String(status),
        meanings[code as ErrorCode],
        yes(retryable),
        String(exitCode),
      ]),
    ),
  exit_codes: () =>
    table(
      ['exit code', 'means'],
      Object.entries(exitCodes).map(([name, code]) => [
        String(code),
        exitCodeMeanings[name as keyof typeof exitCodes],
      ]),
    ),
  legacy: () =>
    table(
      ['path', 'as'],
      legacyRoutes.map(({ method, path, route }) => [
        `\`${method} ${path}\``,
        `\`${routes[route].method} ${routes[route].path}\``,
      ]),
    ),
  settings: () =>
    table(
      ['variable', 'default', 'what it is'],
      Object.entries(settingShapes).map(([name, shape]) => {
        const standard = shape.safeParse(undefined).data;
        const shown = standard === undefined ? '' : `\`${String(standard)}\``;
        return [
          `\`${variableOf(name)}\`${name === 'port' ? ', `PORT`' : ''}`,
          shown,
          shape.description ?? '',
        ];
      }),
    ),
};

/** The page with its generated tables up to date. */
export function fillTables(page: string): string {
  return page.replace(/(<!-- (\w+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g, (all, begin, name, end) => {
    const made = docTables[name];
    return made ? `${begin}${made()}\n${end}` : all;
  });
}
