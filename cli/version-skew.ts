import { say } from './output/print.ts';
import { packageVersion } from './version.ts';

/** `0.1` of `0.1.4`: what may differ after it changes no call. */
const seriesOf = (version: string): string => version.split('.').slice(0, 2).join('.');

let isSaid = false;

/** Says once, on stderr, that server and command are of different versions. */
export function noteVersion(server: string): void {
  const own = packageVersion();
  if (isSaid || seriesOf(server) === seriesOf(own)) return;
  isSaid = true;
  say(
    `qgjob: this command is of version ${own}, the server of ${server}; \`npm install qgjob@${server}\` gives both the same`,
  );
}
