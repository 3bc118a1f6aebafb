import { basename, dirname, extname, join } from 'node:path';
import type { OutsideFile } from '../request.ts';

/** What WebdriverIO looks for, in its order. */
export const configNames = ['.js', '.ts', '.mjs', '.mts', '.cjs', '.cts'].map((end) => `wdio.conf${end}`);

/** What adapt-config.cjs is told; see there. */
export interface Channel {
  readonly nonce: string;
  readonly control: string;
  readonly session: string;
  readonly hooks: string;
  readonly adapt: string;
  readonly specs: readonly string[];
  readonly grep: string | undefined;
  readonly app: string;
  readonly isInstalled: boolean;
  readonly isBrowser?: boolean | undefined;
}

/**
 * A configuration beside the suite's own (so that relative paths mean the same), which contains that one adapted to one
 * process. TypeScript stays TypeScript, so that WebdriverIO loads both in the same way.
 */
export function generateConfig(own: string, id: string, channel: Channel): OutsideFile {
  const end = extname(own);
  return {
    path: join(dirname(own), `.qgjob.${id}.config${end.endsWith('ts') ? end : '.mjs'}`),
    text: configText(basename(own), channel),
  };
}

const configText = (own: string, channel: Channel): string =>
  `// Written by the qgjob agent for one process, and removed after it.
import qgjob from ${JSON.stringify(channel.adapt)};
import * as loaded from ${JSON.stringify(`./${own}`)};
const own = loaded.config ?? loaded.default?.config ?? loaded.default?.default?.config;
if (typeof own !== 'object' || own === null) throw new Error(${JSON.stringify(`${own}: the configuration must export an object \`config\``)});
export const config = qgjob.adaptConfig(own, ${JSON.stringify(channel)});
`;
