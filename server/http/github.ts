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
    const proof = await countRefusal(badTokens, address, () => verifyOidc(body.token));
    // A genuine one that nobody has bound costs a look at the database, and anybody at GitHub has those. It counts for the
    // owner of its repository alone: runners of many owners share the addresses of GitHub.
    const owner = `${address} ${proof.facts.repository_owner_id}`;
    refuseFlood(badTokens, owner);
    const exchange = async () => {
      const minted = mintToken('gha');
      const { orgId, expiresAt } = await signIn(queue, proof, minted, body.org_id);
      return { token: minted.token, expires_at: expiresAt, org_id: orgId };
    };
    return countRefusal(badTokens, owner, exchange, ['unauthorized', 'forbidden']);
  },
};
