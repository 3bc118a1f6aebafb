import { useView } from '../frame/view.ts';
import type { Shown } from '../page.ts';

interface SignInProps {
  /** Where to go on after it; a path below /ui. */
  readonly next: string;
  /** What was wrong with the last try. */
  readonly error?: string | undefined;
}

export const signInPage = (props: SignInProps): Shown => ({ title: 'Sign in', body: <SignIn {...props} /> });

function SignIn({ next, error }: SignInProps) {
  const { base } = useView();
  return (
    <section class="card sign-in">
      <h1>Sign in</h1>
      {error !== undefined && (
        <p class="notice bad" role="alert" id="sign-in-error">
          {error}
        </p>
      )}
      <form method="post" action={`${base}/ui/sign-in`}>
        <input type="hidden" name="next" value={next} />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          autocomplete="current-password"
          required
          autofocus
          spellcheck={false}
          placeholder="qgj_…"
          {...(error !== undefined && { 'aria-invalid': 'true', 'aria-describedby': 'sign-in-error' })}
        />
        <button type="submit" class="primary">
          Sign in
        </button>
      </form>
      <p class="hint">
        Any token with the scope <code>read</code>, <code>submit</code> or <code>admin</code> signs in and
        shows what it may see. The operator finds hers in <code>admin.token</code> in the server's data
        folder.
      </p>
      <p class="hint">
        Make one for yourself: <code>qgjob tokens create --name me --org-id ORG --scopes read</code>
      </p>
    </section>
  );
}
