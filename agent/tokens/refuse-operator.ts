import { QgjobError } from '../../protocol/errors.ts';
import { nameOfToken } from '../../protocol/token-name.ts';

const tooMuch: Readonly<Record<string, string>> = {
  op: "the operator's: it may do everything on the server",
  adm: "an admin's: it can make other tokens of its org",
};

/**
 * Refuses to run an agent on a token that is worth more than an agent: it is on a host that runs the code of others.
 * `name`: of the agent. Errors: `forbidden`, in one line what, why and what to do.
 */
export function refuseOperator(token: string, name: string): void {
  const why = tooMuch[nameOfToken(token)?.kind ?? ''];
  if (why === undefined) return;
  throw new QgjobError(
    'forbidden',
    `this token is ${why}, and the tests that run here may get hold of it. Make one for this agent alone: \`qgjob tokens create --name=${name} --shared > agent.token\` (for one org: --org-id=ORG --scopes=agent in place of --shared), and start it with --token-file=agent.token. --insecure-operator-token takes this one all the same`,
  );
}
