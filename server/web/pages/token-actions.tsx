import { QgjobError } from '../../../protocol/errors.ts';
import { CreateToken } from '../../../protocol/shapes/admin.ts';
import { planToken } from '../../calls/plan-token.ts';
import { revokeToken, storeToken } from '../../queue/orgs/index.ts';
import type { Action, FormCall, Shown } from '../page.ts';
import { Link } from '../parts/link.tsx';
import { readFields, readNumber } from '../read-fields.ts';
import { rotateAction } from './rotate-token.tsx';
import { settings } from './settings/frame.tsx';
import { showToken } from './settings/new-token.tsx';
import { type TokenFields, TokenForm } from './settings/token-form.tsx';

/** The token stands on the answer to the form and nowhere else: in no address, no log and no cache. */
const make: Action = {
  path: '/settings/tokens',
  scope: 'admin',
  async act({ queue }, call) {
    const given = fieldsOf(call);
    try {
      const planned = planToken(call.principal, bodyOf(call, given));
      await storeToken(queue, planned);
      call.made(planned.minted.id);
      return showToken(call, given.name, planned.minted.token);
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

const revoke: Action = {
  path: '/settings/tokens/:id/revoke',
  scope: 'admin',
  async act({ queue, forgetTokens }, call) {
    const id = call.param('id');
    forgetTokens(await revokeToken(queue, id, call.owner));
    return `/settings/tokens?revoked=${encodeURIComponent(id)}`;
  },
};

export const tokenActions: readonly Action[] = [make, revoke, rotateAction];
