import type { Child } from 'hono/jsx';

interface CardProps {
  readonly title: string;
  readonly id?: string;
  /** Beside the title. */
  readonly aside?: Child;
  readonly children?: Child;
}

/** A part of a page with a title. With an id it is exchanged when there is news. */
export const Card = ({ title, id, aside, children }: CardProps) => (
  <section class="card" {...(id !== undefined && { id, 'data-live': '' })}>
    <div class="card-head">
      <h2>{title}</h2>
      {aside}
    </div>
    {children}
  </section>
);

/** A number that a page is opened for. */
export const Figure = ({ name, hint, children }: { name: string; hint?: Child; children?: Child }) => (
  <div class="figure">
    <div class="figure-name">{name}</div>
    <div class="figure-value">{children}</div>
    {hint !== undefined && <div class="figure-hint">{hint}</div>}
  </div>
);
