import type { ErrorBody } from '../../../protocol/errors.ts';
import type { Shown } from '../page.ts';
import { Link } from '../parts/link.tsx';

const titles: Readonly<Record<number, string>> = {
  400: 'That cannot be shown',
  401: 'Please sign in',
  403: 'Not allowed',
  404: 'Not found',
  409: 'Not now',
  503: 'Unavailable for the moment',
};

const hints: Readonly<Record<number, string>> = {
  403: 'A token with a wider scope may do it: sign out, and in with another one.',
  404: 'It may be of another org, or it was deleted after the days that the server keeps runs.',
  503: 'The server is there and cannot answer now. This page may be loaded again in some seconds.',
};

/** An error as a page: what happened, what to do next, and the id under which the server's log has more. */
export function errorPage(status: number, { message, request_id: requestId }: ErrorBody): Shown {
  const title = titles[status] ?? 'Something went wrong';
  return {
    title,
    body: (
      <section class="card error-page">
        <p class="error-status">{status}</p>
        <h1>{title}</h1>
        <p>{message}</p>
        {hints[status] !== undefined && <p class="hint">{hints[status]}</p>}
        <p>
          <Link to="/">To the overview</Link>
        </p>
        <p class="faint">
          Request <code>{requestId}</code>
        </p>
      </section>
    ),
  };
}
