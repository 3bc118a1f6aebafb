import type { FormCall, Shown } from '../../page.ts';
import { Card } from '../../parts/card.tsx';
import { Link } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { settings } from './frame.tsx';

/** A new token: here it stands once. */
export const showToken = (call: FormCall, name: string, token: string): Shown =>
  settings(call, {
    title: `The token ${plain(name, 80)}`,
    at: 'tokens',
    crumbs: <Link to="/settings/tokens">Tokens</Link>,
    body: (
      <>
        <p class="notice waits" role="status">
          Copy it now: the server keeps no copy, and it is not shown again.
        </p>
        <Card title="Token">
          <div class="card-body stack">
            <code class="secret" id="new-token">
              {token}
            </code>
            <p class="hint">
              For a program set <code>QGJOB_TOKEN</code>; on this machine <code>qgjob login</code> keeps it.
              Whoever has it may do what it may.
            </p>
            <p>
              <Link to="/settings/tokens">I have it: to the tokens</Link>
            </p>
          </div>
        </Card>
      </>
    ),
  });
