import { listOrgs } from '../../../queue/orgs/index.ts';
import type { PageCall, Shown, WebDeps } from '../../page.ts';
import { Card } from '../../parts/card.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Link } from '../../parts/link.tsx';

const orgsShown = 100;

/** The operator looks at the tests of one org at a time. Undefined: there is one org at most, or it is chosen. */
export async function chooseOrg({ queue }: WebDeps, call: PageCall): Promise<Shown | undefined> {
  if (call.viewer.orgId !== undefined) return undefined;
  const { orgs, next_cursor: next } = await listOrgs(queue, { limit: orgsShown });
  if (orgs.length < 2) return undefined;
  return {
    title: 'Tests',
    section: 'tests',
    body: (
      <>
        <div class="page-head">
          <h1>Tests</h1>
        </div>
        <Card title="Of which org?">
          <Empty>
            <p>Tests are listed for one org at a time.</p>
            <p class="choices centred">
              {orgs.map(({ org_id: id }) => (
                <Link to="/tests" query={{ org: id }} class="choice">
                  {id}
                </Link>
              ))}
            </p>
            {next !== null && <p class="hint">There are more: name one in the head of the page.</p>}
          </Empty>
        </Card>
      </>
    ),
  };
}
