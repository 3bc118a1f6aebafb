import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { useInputsOf } from './acme-rows.ts';
import { openIssuer } from './oidc-issuer.ts';
import { addOrg, newDataDir, openServer } from './server.ts';
import { World } from './world.ts';

export interface TwoOrgs {
  /** Whose rows `callInputs` are about. */
  readonly acme: World;
  readonly rival: World;
  close(): Promise<void>;
}

/** A server with two orgs, and an issuer of the tokens of workflows, for a whole test file; its caller closes it. */
export async function openTwoOrgs(): Promise<TwoOrgs> {
  const folder = mkdtempSync(join(tmpdir(), 'qgjob-two-orgs-'));
  const issuer = await openIssuer();
  const server = await openServer(newDataDir(folder), { flags: { oidc_issuer: issuer.url } });
  const acme = new World(server, await addOrg(server, 'acme'));
  const rival = new World(server, await addOrg(server, 'rival'));
  useInputsOf(acme, issuer);
  return {
    ...{ acme, rival },
    async close() {
      await server.close();
      await issuer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
