#!/usr/bin/env node
// Exit 0 where the server of this container is ready, or whatever answers at the address that is given; else 1 and why.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The address that the server says of itself: its port may be set by a flag. */
const serverUrl = () => JSON.parse(readFileSync(join(process.env.QGJOB_DATA_DIR, 'server.json'), 'utf8')).url;

try {
  const address = process.argv[2] ?? `${serverUrl()}/health/ready`;
  const response = await fetch(address, { signal: AbortSignal.timeout(4000) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
} catch (error) {
  process.stderr.write(`${error.cause?.message ?? error.message}\n`);
  process.exitCode = 1;
}
