import { createContext, useContext } from 'hono/jsx';
import type { Session } from '../session/sessions.ts';

/** What every part of a page may need to know. */
export interface View {
  /** The path below which a proxy serves the server; '' for none. */
  readonly base: string;
  /** Epoch ms. */
  readonly now: number;
  readonly assetHash: string;
  readonly version: string;
  readonly requestId: string;
  /** Undefined on pages for strangers. */
  readonly session: Session | undefined;
  /** The org that the operator has chosen. */
  readonly orgId: string | undefined;
  /** The orgs that the operator can choose from; undefined: too many, or nothing to choose. */
  readonly orgs: readonly string[] | undefined;
}

const context = createContext<View | undefined>(undefined);

export const ViewProvider = context.Provider;

/** The view of the page that is being made. */
export function useView(): View {
  const view = useContext(context);
  if (!view) throw new Error('a part of a page was made outside of a page');
  return view;
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** The address of a page. The org that the operator has chosen stays chosen. */
export function addressOf(view: Pick<View, 'base' | 'orgId'>, path: string, query: Query = {}): string {
  const all = { ...(view.orgId !== undefined && { org: view.orgId }), ...query };
  const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  const ui = `${view.base}/ui${path === '/' ? '' : path}`;
  return search.size > 0 ? `${ui}?${search}` : ui;
}

/** The same below /ui, without the org: what a form gives as the page to go on with. */
export const pathOf = (path: string, query: Query = {}): string =>
  addressOf({ base: '', orgId: undefined }, path, query).slice('/ui'.length) || '/';
