import type { Child } from 'hono/jsx';

/** Where there is nothing yet: says why, and what to do. */
export const Empty = ({ children }: { readonly children?: Child }) => <div class="empty">{children}</div>;
