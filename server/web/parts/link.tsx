import type { Child } from 'hono/jsx';
import { addressOf, type Query, useView } from '../frame/view.ts';

interface LinkProps {
  /** Path below /ui. */
  readonly to: string;
  readonly query?: Query;
  /** Behind the `#`. */
  readonly at?: string;
  readonly class?: string;
  readonly title?: string;
  readonly 'aria-current'?: 'page';
  readonly 'aria-label'?: string;
  readonly children?: Child;
}

/** A link to a page of the dashboard. */
export function Link({ to, query, at, children, ...attributes }: LinkProps) {
  const address = addressOf(useView(), to, query);
  return (
    <a href={at === undefined ? address : `${address}#${at}`} {...attributes}>
      {children}
    </a>
  );
}

/** A link to another site; only its text where the address is not one of the web: it may be somebody's `javascript:`. */
export function OutsideLink({ href, children }: { readonly href: string; readonly children?: Child }) {
  const url = URL.parse(href);
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return <span>{children}</span>;
  return (
    <a href={url.href} rel="noreferrer noopener">
      {children}
    </a>
  );
}
