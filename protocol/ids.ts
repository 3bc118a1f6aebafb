/** The prefix of an id says what it is of. The rest is opaque. */
export const idPrefixes = {
  run: 'run_',
  job: 'job_',
  lease: 'lse_',
  agent: 'agt_',
  device: 'dev_',
  artifact: 'art_',
  webhook: 'whk_',
  test: 'tst_',
  borrow: 'bor_',
  quarantine: 'qua_',
} as const;

/** Lease ids are chosen by the agent. */
export const leaseIdPattern = /^[A-Za-z0-9_-]{8,64}$/;

/** Org, app version, device and agent names: readable, safe in a URL's path and in a shell. */
export const namePattern = /^[A-Za-z0-9][A-Za-z0-9._@+:-]{0,127}$/;

/** A package of Android, or a bundle id of iOS. */
export const packageNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/;

/** Names of agents for which a token is good: a name, in which `*` stands for any characters. */
export const namesPattern = /^[A-Za-z0-9*][A-Za-z0-9._@+:*-]{0,127}$/;

/** What an id on a command line is of; undefined when it is neither a run's nor a job's. */
export function kindOfId(id: string): 'run' | 'job' | undefined {
  if (id.startsWith(idPrefixes.run)) return 'run';
  if (id.startsWith(idPrefixes.job)) return 'job';
  return undefined;
}
