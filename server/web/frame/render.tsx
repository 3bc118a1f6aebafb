import type { Shown } from '../page.ts';
import { Layout } from './layout.tsx';
import { type View, ViewProvider } from './view.ts';

/** A whole page as HTML. */
export function render(view: View, { title, section, live, body }: Shown): string {
  const page = (
    <ViewProvider value={view}>
      <Layout title={title} section={section} live={live}>
        {body}
      </Layout>
    </ViewProvider>
  );
  return `<!doctype html>${page}`;
}
