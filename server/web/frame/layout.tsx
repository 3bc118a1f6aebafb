import type { Child } from 'hono/jsx';
import type { LiveOn, Section } from '../page.ts';
import { Link } from '../parts/link.tsx';
import { PostForm } from '../parts/post-form.tsx';
import { OrgFilter } from './org-filter.tsx';
import { useView } from './view.ts';

const sections: readonly (readonly [Section, path: string, name: string])[] = [
  ['overview', '/', 'Overview'],
  ['runs', '/runs', 'Runs'],
  ['tests', '/tests', 'Tests'],
  ['devices', '/devices', 'Devices'],
  ['dead-letters', '/dead-letters', 'Dead letters'],
  ['settings', '/settings', 'Settings'],
];

interface LayoutProps {
  readonly title: string;
  readonly section?: Section | undefined;
  readonly live?: LiveOn | undefined;
  readonly children?: Child;
}

/** The frame of every page. */
export function Layout({ title, section, live, children }: LayoutProps) {
  const view = useView();
  const asset = (name: string) => `${view.base}/ui/assets/${view.assetHash}/${name}`;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · qgjob`}</title>
        <link rel="icon" href={asset('icon.svg')} type="image/svg+xml" />
        <link rel="stylesheet" href={asset('style.css')} />
        <script type="module" src={asset('page.js')} />
      </head>
      <body {...(live && liveAttributes(view.base, live, view.orgId))}>
        <a class="skip" href="#content">
          Skip to content
        </a>
        <Header section={section} logo={asset('icon.svg')} />
        <main id="content" tabindex={-1}>
          {children}
        </main>
        <footer>
          <span>qgjob {view.version}</span>
          <a href={`${view.base}/docs`}>API</a>
          <span class="faint">request {view.requestId}</span>
        </footer>
      </body>
    </html>
  );
}

/** What the script of the page listens to. */
function liveAttributes(base: string, { runId, jobId }: LiveOn, org: string | undefined) {
  const query = new URLSearchParams({
    ...(org !== undefined && { org }),
    ...(runId !== undefined && { run_id: runId }),
    ...(jobId !== undefined && { job_id: jobId }),
  });
  return { 'data-events': `${base}/ui/events${query.size > 0 ? `?${query}` : ''}` };
}

function Header({ section, logo }: { readonly section: Section | undefined; readonly logo: string }) {
  const { session } = useView();
  return (
    <header class="top">
      <Link to="/" class="brand">
        <img src={logo} alt="" width="24" height="24" />
        qgjob
      </Link>
      {session && (
        <nav aria-label="Pages">
          {sections.map(([id, path, name]) => (
            <Link to={path} {...(id === section && { 'aria-current': 'page' })}>
              {name}
            </Link>
          ))}
        </nav>
      )}
      {session && (
        <div class="who">
          <span id="live-state" class="live-state" role="status" />
          <OrgFilter />
          <PostForm action="/sign-out" class="inline">
            <button type="submit" class="quiet">
              Sign out
            </button>
          </PostForm>
        </div>
      )}
    </header>
  );
}
