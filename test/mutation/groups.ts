/** Files that are mutated together, and the tests that must notice. */
export interface Group {
  readonly name: string;
  readonly mutate: readonly string[];
  readonly tests: readonly string[];
}

export const groups: readonly Group[] = [
  {
    // What counts as a secret and is masked: names, values, parts of values, tokens in paths.
    name: 'names',
    mutate: [
      'protocol/secret-names.ts',
      'protocol/secret-parts.ts',
      'protocol/may-be-secret.ts',
      'agent/logs/secrets.ts',
      'agent/leases/mask-lease.ts',
      'server/calls/mask-tokens.ts',
    ],
    tests: [
      'protocol/{secret-names,secret-parts,may-be-secret}.test.ts',
      'agent/logs/secrets.test.ts',
      'agent/leases/mask-lease.test.ts',
      'server/calls/mask-tokens.test.ts',
    ],
  },
  {
    // Finds what counts as a secret in a stream of bytes, however it is written.
    name: 'masks',
    mutate: ['agent/logs/{masks,redactor,secret-patterns,pattern-automaton,spans,unescaped}.ts'],
    tests: ['agent/logs/{masks,redactor,redactor-edges,pattern-automaton,spans}.test.ts'],
  },
  {
    // From a verdict to the next state of its job.
    name: 'states',
    mutate: ['server/queue/attempts/{next-job-state,error-classes,check-report,check-retry}.ts'],
    tests: ['server/queue/attempts/{next-job-state,error-classes,check-report,check-retry}.test.ts'],
  },
  {
    // Tokens, what they may call and see, OIDC, sessions of browsers.
    name: 'auth',
    mutate: [
      'server/auth/{authenticate,lease-token,live-calls,oidc-keys,principal,refusals,token-format,verify-oidc}.ts',
      'server/gate/buckets.ts',
      'server/calls/{plan-token,viewer-of}.ts',
      'server/web/session/{cookie,own-form,safe-next,sessions}.ts',
      'server/queue/orgs/github-policy.ts',
      'server/queue/store/{match-pattern,viewer}.ts',
      'agent/tokens/refuse-operator.ts',
      'protocol/token-name.ts',
    ],
    tests: [
      'server/auth/*.test.ts',
      'server/gate/buckets.test.ts',
      'server/calls/{plan-token,viewer-of}.test.ts',
      'server/web/session/*.test.ts',
      'server/queue/orgs/github-policy.test.ts',
      'server/queue/store/{match-pattern,viewer}.test.ts',
      'agent/tokens/refuse-operator.test.ts',
    ],
  },
  {
    // Who may speak for a lease, how long it lives, what its end does to its jobs.
    name: 'leases',
    mutate: [
      'server/queue/leases/{expire-lease,release-lease,renew-leases,repair-times,rescue-leases,end-leases-of-revoked}.ts',
      'server/queue/store/{find-lease,find-agent,fence}.ts',
      'server/queue/attempts/{start-attempt,check-finish,check-upload,attempt-view}.ts',
    ],
    tests: [
      'server/queue/leases/{expire-lease,release-lease,renew-leases,repair-times,end-leases-of-revoked}.test.ts',
      'server/queue/store/{find-lease,find-agent}.test.ts',
      'server/queue/attempts/{start-attempt,check-finish,check-upload}.test.ts',
    ],
  },
];

/** The least share of the mutants of each group that must be noticed, percent. */
export const floor = 85;

/** Where the report of a group is written, from the root of the project. */
export const reportOf = (name: string): string => `.stryker/${name}.json`;

/** The group of this process, which the one that started it has named. */
export function namedGroup(): Group {
  const name = process.env.QGJOB_MUTATION_GROUP;
  const group = groups.find((one) => one.name === name);
  if (!group) throw new Error(`QGJOB_MUTATION_GROUP=${name}: there is no such group`);
  return group;
}
