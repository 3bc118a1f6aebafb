import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtCli } from '../../support/built-cli.ts';
import { makeFolder, startLine } from '../../support/processes.ts';

export interface SmallServer {
  readonly url: string;
  readonly operator: string;
  readonly pid: number;
  /** Descriptors that its process has open. */
  openFiles(): number;
  /** Its memory, MiB. */
  residentMib(): number;
}

/** A built server that may have few files open, as on a host whose limits nobody has set. */
export async function startSmallServer(openFiles: number): Promise<SmallServer> {
  const cwd = makeFolder({});
  const line = `ulimit -n ${openFiles}; exec '${process.execPath}' '${builtCli}' server --port=0 --data-dir=data`;
  const server = startLine(line, { cwd, env: { PATH: process.env.PATH ?? '', HOME: cwd } });
  const [, url = ''] = await server.sees(/^qgjob server listening on (\S+)$/m);
  const { pid } = JSON.parse(readFileSync(join(cwd, 'data/server.json'), 'utf8')) as { pid: number };
  return {
    ...{ url, pid, operator: readFileSync(join(cwd, 'data/admin.token'), 'utf8').trim() },
    openFiles: () => readdirSync(`/proc/${pid}/fd`).length,
    residentMib() {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
    },
  };
}
