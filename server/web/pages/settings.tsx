import type { Token } from '../../../protocol/shapes/admin.ts';
import type { HealthReport } from '../../calls/health-report.ts';
import { readToken } from '../../queue/orgs/index.ts';
import { toInstantOrNull } from '../../queue/store/to-wire.ts';
import type { Page, PageCall } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { plain } from '../parts/plain.ts';
import { PostForm } from '../parts/post-form.tsx';
import { Status } from '../parts/status.tsx';
import { Table } from '../parts/table.tsx';
import { Ago, Duration } from '../parts/time.tsx';
import { settings } from './settings/frame.tsx';

/** Who is signed in, and how the server is. */
export const settingsPage: Page = {
  path: '/settings',
  scope: 'read',
  async show({ queue, version, health }, call) {
    const [token, report] = await Promise.all([
      readToken(queue, call.principal.tokenId, call.owner),
      health(),
    ]);
    return settings(call, {
      title: 'Settings',
      at: 'general',
      body: (
        <>
          <Card title="You">
            <You token={token} call={call} />
            <PostForm action="/sign-out" class="buttons card-body">
              <input type="hidden" name="everywhere" value="1" />
              <button type="submit">Sign out everywhere</button>
            </PostForm>
          </Card>
          <Card title="This server">
            <Server report={report} version={version} url={queue.settings.publicUrl} />
          </Card>
        </>
      ),
    });
  },
};

const rights: readonly (readonly ['read' | 'submit' | 'admin', string])[] = [
  ['read', 'see runs, tests, devices and logs'],
  ['submit', 'submit, cancel and try again'],
  ['admin', 'switch devices and agents, make tokens and webhooks'],
];

function You({ token, call }: { readonly token: Token | undefined; readonly call: PageCall }) {
  const { isOperator, orgId, tokenId } = call.principal;
  const may = rights.filter(([scope]) => call.may(scope)).map(([, words]) => words);
  return (
    <dl class="pairs">
      <dt>Token</dt>
      <dd>
        {token && <span class="strong">{plain(token.name)} </span>}
        <span class="faint mono">{tokenId}</span>
      </dd>
      <dt>Org</dt>
      <dd>{isOperator ? 'all: the operator' : (orgId ?? 'none')}</dd>
      <dt>You may</dt>
      <dd>{may.join('; ')}</dd>
      <dt>It ends</dt>
      <dd>{token?.expires_at ? <Ago at={token.expires_at} /> : 'when it is revoked'}</dd>
    </dl>
  );
}

interface ServerProps {
  readonly report: HealthReport;
  readonly version: string;
  readonly url: string;
}

const Server = ({ report, version, url }: ServerProps) => (
  <>
    <dl class="pairs">
      <dt>Version</dt>
      <dd>{version}</dd>
      <dt>Address</dt>
      <dd>{url}</dd>
      <dt>Up for</dt>
      <dd>
        <Duration ms={report.uptimeMs} />
      </dd>
      <dt>Database</dt>
      <dd>
        {report.isWritable ? (
          <Status of="active" word="takes writes" />
        ) : (
          <>
            <Status of="failing" word="takes no writes" /> {plain(report.error ?? '')}
          </>
        )}
      </dd>
    </dl>
    <Table
      caption="What the server does by itself"
      rows={Object.entries(report.loops)}
      columns={[
        { name: 'Does by itself', kind: 'main', cell: ([name]) => name },
        {
          name: 'State',
          cell: ([, { lastError, lastRunAt }]) =>
            lastError !== null ? (
              <Status of="failing" word="failed" />
            ) : lastRunAt === null ? (
              <Status of="waiting" word="has not run yet" />
            ) : (
              <Status of="active" word="well" />
            ),
        },
        {
          name: 'Last error',
          cell: ([, { lastError }]) =>
            lastError === null ? <span class="faint">–</span> : <span>{plain(lastError, 200)}</span>,
        },
        {
          name: 'Last run',
          kind: 'num',
          cell: ([, { lastRunAt }]) => <Ago at={toInstantOrNull(lastRunAt)} />,
        },
      ]}
      empty="Nothing"
    />
  </>
);
