import type { OidcProof } from './verify-oidc.ts';

type Verifier = (token: string) => Promise<OidcProof>;

/**
 * The check of OIDC tokens by this issuer, for a server at this address, whose origin is the audience. Its library is
 * loaded with the first token: a server without workflows starts without it. Errors: those of `verifyOidc`.
 */
export function createOidcVerifier(issuer: string, publicUrl: string, now: () => number): Verifier {
  let loaded: Promise<Verifier> | undefined;
  const load = async (): Promise<Verifier> => {
    const [{ OidcKeys }, { verifyOidc }] = await Promise.all([
      import('./oidc-keys.ts'),
      import('./verify-oidc.ts'),
    ]);
    const keys = new OidcKeys({ issuer, now });
    const rule = { issuer, audience: new URL(publicUrl).origin, now };
    return (token) => verifyOidc(token, keys, rule);
  };
  return async (token) => {
    loaded ??= load();
    return (await loaded)(token);
  };
}
