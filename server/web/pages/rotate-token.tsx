import { QgjobError } from '../../../protocol/errors.ts';
import { RotateToken } from '../../../protocol/shapes/admin.ts';
import { mintFor } from '../../calls/plan-token.ts';
import { readToken, rotateToken } from '../../queue/orgs/index.ts';
import type { Action, Page } from '../page.ts';
import { Field } from '../parts/field.tsx';
import { Link } from '../parts/link.tsx';
import { plain } from '../parts/plain.ts';
import { PostForm } from '../parts/post-form.tsx';
import { readFields, readNumber } from '../read-fields.ts';
import { settings } from './settings/frame.tsx';
import { showToken } from './settings/new-token.tsx';

/** Asks how long the old token stays good beside the new one. */
export const rotatePage: Page = {
  path: '/settings/tokens/:id/rotate',
  scope: 'admin',
  async show({ queue }, call) {
    const id = call.param('id');
    const token = await readToken(queue, id, call.owner);
    if (!token) throw new QgjobError('not_found', `no token ${id}`);
    return settings(call, {
      title: `Replace ${plain(token.name, 80)}?`,
      at: 'tokens',
      crumbs: <Link to="/settings/tokens">Tokens</Link>,
      body: (
        <section class="card">
          <PostForm action={`/settings/tokens/${id}/rotate`} class="fields card-body">
            <p>
              Another token comes in the place of <span class="strong">{plain(token.name, 80)}</span>{' '}
              <span class="faint mono">{id}</span>, and may do the same.
            </p>
            <Field
              name="overlap_minutes"
              label="The old one stays good for, in minutes"
              type="number"
              min={0}
              max={10_080}
              value="60"
              hint="So long whoever uses it has to take the new one."
            />
            {id === call.principal.tokenId && (
              <p class="notice waits">It is your own: with its end you are signed out.</p>
            )}
            <button type="submit" class="primary">
              Replace it
            </button>
          </PostForm>
        </section>
      ),
    });
  },
};

/** The new one is shown as one that was made. */
export const rotateAction: Action = {
  path: '/settings/tokens/:id/rotate',
  scope: 'admin',
  async act({ queue, forgetTokens, keepOperatorToken }, call) {
    const id = call.param('id');
    const minutes = readNumber('overlap_minutes', call.field('overlap_minutes'));
    const { overlap_minutes: overlap } = readFields(RotateToken, {
      ...(minutes !== undefined && { overlap_minutes: minutes }),
    });
    const { minted, made } = await rotateToken(queue, {
      ...{ id, mint: mintFor, overlapMs: overlap * 60_000 },
      ...{ callerId: call.principal.tokenId, viewer: call.owner },
    });
    if (made.scopes.includes('operator')) keepOperatorToken(id, minted.token);
    // At an overlap of 0 the old one has ended.
    if (overlap === 0) forgetTokens([id]);
    return showToken(call, made.name, minted.token);
  },
};
