import { basename, extname, join } from 'node:path';
import type { OutsideFile } from '../frameworks/request.ts';
import { describeServers } from './describe-servers.ts';

export interface HolderConfig {
  /** A UUID, part of the file's name. */
  readonly id: string;
  /** Marks what the holder tells. */
  readonly nonce: string;
  /** An empty folder, in place of the tests. */
  readonly tests: string;
  /** The module that runs once the servers are up. */
  readonly setup: string;
  /** Once this file is there, the servers may start. */
  readonly go: string;
}

/**
 * A configuration beside the suite's own that has its web servers and no tests: Playwright itself starts them, by the
 * rules of that version. Before that it tells what they are, and waits for a word: another run may use their ports.
 */
export const holderConfig = (folder: string, own: string, config: HolderConfig): OutsideFile => ({
  path: join(folder, `.qgjob.${config.id}.config${extname(own)}`),
  text: `// Written by the qgjob agent to start the web servers of this suite once for several processes, and removed after that.
import { existsSync } from 'node:fs';
import * as loaded from ${JSON.stringify(`./${basename(own)}`)};
const unwrap = (value) => (value && typeof value === 'object' && 'default' in value ? unwrap(value.default) : value);
const own = unwrap(loaded);
${describeServers}
const servers = [own?.webServer ?? []].flat();
const { nonce, tests, setup, go } = ${JSON.stringify(config)};
const declared = servers.map(({ url, port, reuseExistingServer }) => ({ url, port, reuseExistingServer }));
const event = { event: 'declared', text: describeServers(own?.webServer), servers: declared };
process.stdout.write(\`\\u001b]qgjob;\${nonce};\${JSON.stringify(event)}\\u0007\`);
const parent = process.ppid;
while (servers.length > 0 && !existsSync(go) && process.ppid === parent) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
export default { webServer: own.webServer, testDir: tests, globalSetup: setup, metadata: { nonce }, reporter: [['line']] };
`,
});
