import type { Child } from 'hono/jsx';
import type { PageCall, Shown } from '../../page.ts';
import { Link } from '../../parts/link.tsx';

type Tab = 'general' | 'orgs' | 'tokens' | 'webhooks' | 'audit';

interface Settings {
  readonly title: string;
  readonly at: Tab;
  readonly body: Child;
  /** Above the title: where one comes from. */
  readonly crumbs?: Child;
}

/** A page of the settings: its title, and the way to the others that the token may see. */
export function settings(call: PageCall, { title, at, body, crumbs }: Settings): Shown {
  const tabs: [Tab, string, string][] = [
    ['general', '/settings', 'General'],
    ...(call.may('admin')
      ? ([
          orgTab(call),
          ['tokens', '/settings/tokens', 'Tokens'],
          ['webhooks', '/settings/webhooks', 'Webhooks'],
          ['audit', '/audit', 'Audit log'],
        ] as [Tab, string, string][])
      : []),
  ];
  return {
    title,
    section: 'settings',
    body: (
      <>
        <div class="page-head">
          <div>
            {crumbs && <p class="crumbs">{crumbs}</p>}
            <h1>{title}</h1>
          </div>
          <nav class="choices" aria-label="Pages of the settings">
            {tabs.map(([id, path, name]) => (
              <Link to={path} class="choice" {...(id === at && { 'aria-current': 'page' as const })}>
                {name}
              </Link>
            ))}
          </nav>
        </div>
        {body}
      </>
    ),
  };
}

/** The operator has all orgs, an admin the own one. */
const orgTab = ({ principal }: PageCall): [Tab, string, string] =>
  principal.isOperator
    ? ['orgs', '/settings/orgs', 'Orgs']
    : ['orgs', `/settings/orgs/${principal.orgId}`, 'Org'];
