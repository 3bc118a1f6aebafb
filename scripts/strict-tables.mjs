// drizzle-kit cannot say STRICT: adds it to every table that a migration makes. Runs after each `drizzle-kit generate`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../drizzle/', import.meta.url));

for (const name of readdirSync(folder).filter((one) => one.endsWith('.sql'))) {
  const sql = readFileSync(folder + name, 'utf8');
  const strict = sql.replace(/^(CREATE TABLE [^;]*?\n\));/gm, '$1 STRICT;');
  if (strict !== sql) writeFileSync(folder + name, strict);
}
