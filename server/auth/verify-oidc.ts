import { errors, type JWTPayload, jwtVerify } from 'jose';
import * as z from 'zod';
import { shortLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { eventPattern, type GithubFacts, githubIdPattern } from '../../protocol/github.ts';
import type { OidcKeys } from './oidc-keys.ts';

export interface OidcRule {
  readonly issuer: string;
  /** The one audience that is taken. */
  readonly audience: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** What a token of GitHub proves, and its id, which is good for one exchange. */
export interface OidcProof {
  readonly jti: string;
  readonly facts: GithubFacts;
}

const toleranceS = 60;
const maxAgeS = 600;

const Id = z.string().regex(githubIdPattern);
const text = (max: number) => z.string().min(1).max(max).refine(isVisible);

/** The claims that are used. `sub` is not: its form differs between repositories, and its owner may change it. */
const Claims = z.object({
  jti: z.string().min(1).max(200),
  repository: text(200),
  repository_id: Id,
  repository_owner_id: Id,
  run_id: Id,
  run_attempt: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
  event_name: z.string().regex(eventPattern),
  ref: text(500),
  sha: z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/),
  workflow: z.string().max(500).optional(),
  base_ref: z.string().max(500).optional(),
  check_run_id: z.string().max(30).optional(),
});

function isVisible(given: string): boolean {
  return shortLine(given, 500) === given;
}

/**
 * Checks an OIDC token of GitHub: RS256 alone, this issuer, this one audience, its time within a minute, and no older
 * than ten minutes. Errors: `unauthorized` with the reason in words; `unavailable` while there are no keys.
 */
export async function verifyOidc(token: string, keys: OidcKeys, rule: OidcRule): Promise<OidcProof> {
  const payload = await readPayload(token, keys, rule);
  // jose also takes a list that holds the audience: such a token is good elsewhere too.
  if (payload.aud !== rule.audience) throw wrongAudience(payload, rule);
  const claims = Claims.safeParse(payload);
  if (!claims.success) {
    throw refused(`its claim ${claims.error.issues[0]?.path.join('.')} is missing or not one of GitHub's`);
  }
  const { jti, workflow, base_ref: baseRef, check_run_id: checkRunId, ...facts } = claims.data;
  return {
    jti,
    facts: {
      ...facts,
      ...(workflow && { workflow }),
      ...(baseRef && { base_ref: baseRef }),
      ...(checkRunId && { check_run_id: checkRunId }),
    },
  };
}

async function readPayload(token: string, keys: OidcKeys, rule: OidcRule): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, keys.find, {
      algorithms: ['RS256'],
      issuer: rule.issuer,
      audience: rule.audience,
      clockTolerance: toleranceS,
      maxTokenAge: maxAgeS,
      requiredClaims: ['exp', 'iat', 'jti'],
      currentDate: new Date(rule.now()),
    });
    return payload;
  } catch (error) {
    if (error instanceof QgjobError) throw error;
    throw explain(error, rule);
  }
}

const refused = (why: string): QgjobError =>
  new QgjobError('unauthorized', `GitHub's OIDC token is refused: ${why}`);

function explain(error: unknown, rule: OidcRule): QgjobError {
  if (error instanceof errors.JWTExpired || error instanceof errors.JWTClaimValidationFailed) {
    return ofClaim(error.claim, error.payload, rule);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return refused('it is not signed by RS256');
  if (error instanceof errors.JWKSNoMatchingKey) {
    return refused(`${rule.issuer} has no such key; is QGJOB_OIDC_ISSUER of the server right?`);
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return refused('its signature is wrong');
  return refused('it is no signed JSON Web Token');
}

function ofClaim(claim: string, payload: JWTPayload, rule: OidcRule): QgjobError {
  if (claim === 'iss') {
    return refused(
      `its issuer is not ${rule.issuer}; QGJOB_OIDC_ISSUER of the server says which one it trusts`,
    );
  }
  if (claim === 'aud') return wrongAudience(payload, rule);
  // A time that is missing or no number is no question of clocks.
  if (typeof payload[claim] !== 'number')
    return refused(`its claim ${shortLine(claim, 50)} is missing or wrong`);
  const clock = `the clock of this server says ${new Date(rule.now()).toISOString()}, is it right?`;
  if (claim === 'exp') return refused(`it has expired; ${clock}`);
  if (claim === 'nbf') return refused(`it is not good yet; ${clock}`);
  const isOld = payload[claim] * 1000 < rule.now();
  return refused(`it was made ${isOld ? 'more than ten minutes ago' : 'in the future'}; ${clock}`);
}

function wrongAudience({ aud }: JWTPayload, { audience }: OidcRule): QgjobError {
  const given = typeof aud === 'string' ? `"${shortLine(aud, 100)}"` : 'a list or missing';
  return refused(
    `its audience is ${given}, and this server takes ${audience} alone: set the input oidc-audience to that, or QGJOB_PUBLIC_URL of the server to its address`,
  );
}
