import { createClient } from '../../client/index.ts';

/** Makes a token that is good for all agents and for the jobs of all orgs. */
export async function makeAgentToken(url: string, operatorToken: string): Promise<string> {
  const body = { name: 'agents', shared: true, scopes: ['agent' as const], agent_names: '*' };
  return (await createClient({ url, token: operatorToken }).call('createToken', { body })).token;
}
