import { QgjobError } from '../../../protocol/errors.ts';
import type { Token } from '../../../protocol/shapes/admin.ts';
import { listTokens, readToken } from '../../queue/orgs/index.ts';
import type { Page, PageCall, WebDeps } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Link } from '../parts/link.tsx';
import { Pager } from '../parts/pager.tsx';
import { plain } from '../parts/plain.ts';
import { PostForm } from '../parts/post-form.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago } from '../parts/time.tsx';
import { readCursor } from '../read-query.ts';
import { settings } from './settings/frame.tsx';
import { TokenForm } from './settings/token-form.tsx';

/** The tokens that are not revoked, and a form for a new one. */
export const tokensPage: Page = {
  path: '/settings/tokens',
  scope: 'admin',
  async show(deps, call) {
    const cursor = readCursor(call, /^[0-9a-f]{24}$/);
    const { tokens, next_cursor: next } = await listTokens(
      deps.queue,
      { ...(cursor !== undefined && { cursor }) },
      call.viewer,
    );
    const revoked = await readRevoked(deps, call);
    const isOfAll = call.viewer.orgId === undefined;
    return settings(call, {
      title: 'Tokens',
      at: 'tokens',
      body: (
        <>
          {revoked && (
            <p class="notice good" role="status">
              The token <span class="strong">{plain(revoked.name)}</span> is revoked: nothing works with it
              any more.
            </p>
          )}
          <Card title={isOfAll ? 'Tokens of all orgs' : `Tokens of ${call.viewer.orgId}`}>
            <Table
              caption="Tokens"
              columns={[
                ...columns,
                ...(isOfAll ? [org] : []),
                ...times,
                revoke(call.principal.tokenId),
                replace,
              ]}
              rows={tokens}
              empty="No token but that of the operator."
            />
            <Pager to="/settings/tokens" cursor={cursor} next={next} />
          </Card>
          <Card title="Make a token">
            <TokenForm call={call} />
          </Card>
        </>
      ),
    });
  },
};

async function readRevoked({ queue }: WebDeps, call: PageCall): Promise<Token | undefined> {
  const id = call.query('revoked');
  return id === undefined ? undefined : readToken(queue, id, call.owner);
}

const columns: readonly Column<Token>[] = [
  {
    name: 'Name',
    kind: 'main',
    cell: ({ name, token_id: id }) => (
      <>
        <span class="strong">{plain(name, 80)}</span>
        <span class="faint mono">{id}</span>
      </>
    ),
  },
  {
    name: 'May',
    cell: ({ scopes, agent_names: names }) => (
      <span>
        {scopes.join(', ')}
        {names !== null && <span class="faint"> as {plain(names, 60)}</span>}
      </span>
    ),
  },
];

const org: Column<Token> = {
  name: 'Org',
  cell: ({ org_id: id, shared }) => id ?? (shared ? 'shared' : 'all'),
};

const times: readonly Column<Token>[] = [
  {
    name: 'Last used',
    kind: 'num',
    cell: ({ last_used_at: at }) => (at === null ? <span class="faint">never</span> : <Ago at={at} />),
  },
  {
    name: 'Ends',
    kind: 'num',
    cell: ({ expires_at: at }) => (at === null ? <span class="faint">never</span> : <Ago at={at} />),
  },
];

const revoke = (ownId: string): Column<Token> => ({
  name: 'Revoke',
  cell: ({ token_id: id, name, scopes }) =>
    scopes.includes('operator') ? (
      <span class="faint">of the operator</span>
    ) : (
      <Link to={`/settings/tokens/${id}/revoke`} class="button">
        {id === ownId ? 'Revoke your own' : 'Revoke'}
        <span class="unseen"> {plain(name, 80)}</span>
      </Link>
    ),
});

const replace: Column<Token> = {
  name: 'Replace',
  cell: ({ token_id: id, name }) => (
    <Link to={`/settings/tokens/${id}/rotate`} class="button">
      Replace
      <span class="unseen"> {plain(name, 80)}</span>
    </Link>
  ),
};

/** Asks before a token is revoked: there is no way back. */
export const revokePage: Page = {
  path: '/settings/tokens/:id/revoke',
  scope: 'admin',
  async show({ queue }, call) {
    const id = call.param('id');
    const token = await readToken(queue, id, call.owner);
    if (!token) throw new QgjobError('not_found', `no token ${id}`);
    return settings(call, {
      title: `Revoke ${plain(token.name, 80)}?`,
      at: 'tokens',
      crumbs: <Link to="/settings/tokens">Tokens</Link>,
      body: (
        <section class="card">
          <div class="card-body stack">
            <p>
              Whoever uses the token <span class="strong">{plain(token.name, 80)}</span>{' '}
              <span class="faint mono">{id}</span> is refused from then on, and so is whoever uses one that
              was made by it: there is no way back.
            </p>
            <p>
              It may {token.scopes.join(', ')}
              {token.org_id !== null && <> for {token.org_id}</>}, and was last used{' '}
              {token.last_used_at === null ? 'never' : <Ago at={token.last_used_at} />}.
            </p>
            {id === call.principal.tokenId && (
              <p class="notice waits">It is your own: you are signed out by it.</p>
            )}
            <PostForm action={`/settings/tokens/${id}/revoke`} class="buttons">
              <button type="submit" class="danger">
                Revoke it
              </button>
              <Link to="/settings/tokens" class="button">
                Keep it
              </Link>
            </PostForm>
          </div>
        </section>
      ),
    });
  },
};
