import { countRefusal, refuseFlood } from '../auth/refusals.ts';
import { mintToken } from '../auth/token-format.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import { listBindings, setBindings, signIn } from '../queue/orgs/index.ts';
import { type Handlers, param } from './handler.ts';

export const githubHandlers: Pick<Handlers, 'setGithub' | 'listGithub' | 'signInByGithub'> = {
  async setGithub({ queue, forgetTokens }, call) {
    const { list, ended } = await setBindings(queue, param(call, 'id'), call.body);
    forgetTokens(ended);
    return list;
  },

  listGithub: ({ queue }, call) => listBindings(queue, param(call, 'id'), viewerOf(call.principal)),

  async signInByGithub({ queue, verifyOidc, badTokens }, { body, address }) {
    refuseFlood(badTokens, address);
    const exchange = async () => {
      const minted = mintToken('gha');
      const { orgId, expiresAt } = await signIn(queue, await verifyOidc(body.token), minted, body.org_id);
      return { token: minted.token, expires_at: expiresAt, org_id: orgId };
    };
    // A genuine one of a repository that nobody has bound costs a look at the database too: anybody at GitHub has those.
    return countRefusal(badTokens, address, exchange, ['unauthorized', 'forbidden']);
  },
};
