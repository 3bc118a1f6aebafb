import { QgjobError } from '../../../protocol/errors.ts';
import { type GithubFacts, trustedEvents } from '../../../protocol/github.ts';
import { matchesPattern } from '../store/match-pattern.ts';
import type { GithubBindingRow } from '../store/rows.ts';

/** Whether a binding names the repository. The ids decide: a name may be given to another repository later. */
export const isAbout = (binding: GithubBindingRow, facts: GithubFacts): boolean =>
  binding.repositoryOwnerId === facts.repository_owner_id &&
  (binding.repositoryId === null || binding.repositoryId === facts.repository_id);

/** Whether the policy of a binding admits the workflow. */
export const admits = (binding: GithubBindingRow, facts: GithubFacts): boolean =>
  admitsEvent(binding, facts) && admitsRef(binding, facts);

const admitsEvent = ({ events }: GithubBindingRow, { event_name: event }: GithubFacts): boolean =>
  (events === null ? (trustedEvents as readonly string[]) : (JSON.parse(events) as string[])).includes(event);

const admitsRef = ({ refs }: GithubBindingRow, { ref }: GithubFacts): boolean =>
  refs === null || (JSON.parse(refs) as string[]).some((pattern) => matchesPattern(pattern, ref));

/**
 * Why none of these bindings gives the workflow a token, with the command that would. It names no org and no policy: the
 * caller may be anybody on GitHub.
 */
export function refuseWorkflow(
  about: readonly GithubBindingRow[],
  facts: GithubFacts,
  wantedOrg: string | undefined,
): QgjobError {
  const { repository, repository_id: id, repository_owner_id: ownerId, event_name: event, ref } = facts;
  const bind = `\`qgjob orgs github ${wantedOrg ?? 'ORG'} --owner-id=${ownerId} --repository-id=${id}`;
  if (about.length === 0) {
    const where = wantedOrg === undefined ? 'an org here' : `org ${wantedOrg} here`;
    return new QgjobError(
      'forbidden',
      `repository ${repository} (id ${id}) is not bound to ${where}: an operator of the server binds it with ${bind}\``,
    );
  }
  if (!about.some((binding) => admitsEvent(binding, facts))) {
    return new QgjobError(
      'forbidden',
      `workflows of the event ${event} may not sign in for ${repository}: an operator who trusts their code adds it to the events of the binding, ${bind} --event=OTHERS,${event}\``,
    );
  }
  // A branch may be named so that the command would do something else.
  const shown = /^[\w./-]+$/.test(ref) ? ref : 'REF';
  return new QgjobError(
    'forbidden',
    `workflows on ${ref.slice(0, 100)} may not sign in for ${repository}: an operator adds it to the refs of the binding, ${bind} --ref=OTHERS,${shown}\``,
  );
}
