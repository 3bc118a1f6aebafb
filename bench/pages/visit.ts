import type { ServerProcess } from '../queue/server-process.ts';

/** Signs in as a browser does. Resolves to the header of the session. */
export async function signIn({ url, adminToken }: ServerProcess): Promise<{ readonly cookie: string }> {
  const answer = await fetch(`${url}/ui/sign-in`, {
    ...{ method: 'POST', redirect: 'manual', headers: { origin: url } },
    body: new URLSearchParams({ token: adminToken, next: '/' }),
  });
  const [cookie] = answer.headers.getSetCookie();
  if (cookie === undefined) throw new Error(`the sign-in was answered ${answer.status}`);
  return { cookie: cookie.replace(/;.*/, '') };
}

/** How long the page took to its last byte, ms, and how long it is. Throws where it is no page. */
export async function visit(
  url: string,
  path: string,
  headers: { readonly cookie: string },
): Promise<{ readonly ms: number; readonly bytes: number }> {
  const start = performance.now();
  const answer = await fetch(`${url}/ui${path}`, { headers: { ...headers, accept: 'text/html' } });
  const text = await answer.text();
  const ms = performance.now() - start;
  if (answer.status !== 200 || !text.includes('</html>'))
    throw new Error(`${path} was answered ${answer.status}`);
  return { ms, bytes: text.length };
}
