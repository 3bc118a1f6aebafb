/**
 * Why the source of a lease cannot be made ready. `rejected`: it is to blame itself. `infra_error`: this host could not,
 * another one may. `stopped`: the lease is lost, or the agent ends.
 */
export type SourceFailure =
  | { readonly class: 'rejected' | 'infra_error'; readonly why: string }
  | { readonly class: 'stopped' };
