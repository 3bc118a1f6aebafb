import { QgjobError } from '../../../protocol/errors.ts';
import { CreateToken } from '../../../protocol/shapes/admin.ts';
import { planToken } from '../../calls/plan-token.ts';
import { revokeToken, storeToken } from '../../queue/orgs/index.ts';
import type { Action, FormCall, Shown } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Link } from '../parts/link.tsx';
import { plain } from '../parts/plain.ts';
import { readFields, readNumber } from '../read-fields.ts';
import { settings } from './settings/frame.tsx';
import { type TokenFields, TokenForm } from './settings/token-form.tsx';

/** The token stands on the answer to the form and nowhere else: in no address, no log and no cache. */
const make: Action = {
  path: '/settings/tokens',
  scope: 'admin',
  async act({ queue }, call) {
    const given = fieldsOf(call);
    try {
      const { minted, body } = planToken(call.principal, bodyOf(call, given));
      await storeToken(queue, minted, body);
      call.made(minted.id);
      return shown(call, given.name, minted.token);
    } catch (error) {
      if (!(error instanceof QgjobError) || error.code === 'internal') throw error;
      return again(call, given, error.message);
    }
  },
};

const fieldsOf = (call: FormCall): TokenFields => ({
  name: call.field('name').trim(),
  org_id: call.field('org_id').trim(),
  scope: call.field('scope'),
  agent_names: call.field('agent_names').trim(),
  days: call.field('days'),
});

/** Errors: `invalid`. */
function bodyOf({ principal }: FormCall, given: TokenFields): CreateToken {
  const days = readNumber('days', given.days);
  return readFields(CreateToken, {
    name: given.name,
    scopes: [given.scope],
    ...(given.org_id !== '' && { org_id: given.org_id }),
    ...(given.org_id === '' && principal.isOperator && { shared: true }),
    ...(given.agent_names !== '' && { agent_names: given.agent_names }),
    ...(days !== undefined && { expires_in_days: days }),
  });
}

const again = (call: FormCall, given: TokenFields, error: string): Shown =>
  settings(call, {
    title: 'Make a token',
    at: 'tokens',
    crumbs: <Link to="/settings/tokens">Tokens</Link>,
    body: (
      <section class="card">
        <TokenForm call={call} given={given} error={error} />
      </section>
    ),
  });

const shown = (call: FormCall, name: string, token: string): Shown =>
  settings(call, {
    title: `The token ${plain(name, 80)}`,
    at: 'tokens',
    crumbs: <Link to="/settings/tokens">Tokens</Link>,
    body: (
      <>
        <p class="notice waits" role="status">
          Copy it now: the server keeps no copy, and it is not shown again.
        </p>
        <Card title="Token">
          <div class="card-body stack">
            <code class="secret" id="new-token">
              {token}
            </code>
            <p class="hint">
              For a program set <code>QGJOB_TOKEN</code>; on this machine <code>qgjob login</code> keeps it.
              Whoever has it may do what it may.
            </p>
            <p>
              <Link to="/settings/tokens">I have it: to the tokens</Link>
            </p>
          </div>
        </Card>
      </>
    ),
  });

const revoke: Action = {
  path: '/settings/tokens/:id/revoke',
  scope: 'admin',
  async act({ queue, forgetToken }, call) {
    const id = call.param('id');
    await revokeToken(queue, id, call.owner);
    forgetToken(id);
    return `/settings/tokens?revoked=${encodeURIComponent(id)}`;
  },
};

export const tokenActions: readonly Action[] = [make, revoke];
