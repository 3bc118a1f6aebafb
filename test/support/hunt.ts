/** Ids of tokens that the test finds, wherever it runs: a search that misses them would find nothing at all. */
export const decoys = { file: 'f'.repeat(24), environment: 'e'.repeat(24), words: 'a'.repeat(24) };
const tokenOf = (id: string): string => `qgj_agt_${id}_${'0'.repeat(72)}`;

/** A secret of the host that is no token; in parts, so that it is not found where it is looked for. */
const plantedParts = ['planted', 'password', 'of', 'the', 'database'];
export const planted = plantedParts.join('-');

/** A test that looks for tokens, and for that secret, in all that it can read, and prints where it has found which. */
export const huntFiles: Readonly<Record<string, string>> = {
  'decoy.txt': tokenOf(decoys.file),
  'hunt.cjs': `
const { spawn } = require('node:child_process');
const { readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

/** Ids alone are printed: what else there is of a token is masked. */
function look(place, text) {
  for (const [, id] of text.matchAll(/qgj_[a-z]+_([0-9a-f]{24})_[0-9a-f]{72}/g)) console.log('found ' + id + ' in ' + place);
  if (text.includes(${JSON.stringify(plantedParts)}.join('-'))) console.log('planted in ' + place);
}

function lookInto(path) {
  let text;
  try { text = readFileSync(path, 'latin1'); } catch { return; }
  look(path, text);
}

function lookBelow(folder) {
  let entries = [];
  // What this user cannot read is no find; the decoys show that the search reads what it can.
  try { entries = readdirSync(folder, { withFileTypes: true }); } catch { return; }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) lookBelow(path);
    if (entry.isFile()) lookInto(path);
  }
}

const env = { DECOY: '${tokenOf(decoys.environment)}', PLANTED: ${JSON.stringify(plantedParts)}.join('-') };
const child = spawn(process.execPath, ['--eval', 'setInterval(() => 0, 1e6)', '${tokenOf(decoys.words)}'], { env });
child.once('spawn', () => {
  for (const [name, value] of Object.entries(process.env)) look('variable ' + name, value);
  look('words', process.argv.join(' '));
  const { HOME, TMPDIR, QGJOB_DEVICE_DIR, QGJOB_ARTIFACTS } = process.env;
  const folders = [process.cwd(), HOME, TMPDIR, QGJOB_DEVICE_DIR, QGJOB_ARTIFACTS && dirname(QGJOB_ARTIFACTS)];
  for (const folder of new Set(folders)) if (folder) lookBelow(folder);
  for (const pid of readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)))
    for (const file of ['environ', 'cmdline'])
    {
      let text;
      // A process of another user, or one that has ended.
      try { text = readFileSync('/proc/' + pid + '/' + file, 'latin1'); } catch { continue; }
      console.log('read ' + file + ' of ' + pid);
      look(Number(pid) === child.pid ? file + ' of the decoy' : file + ' of ' + pid, text);
    }
  child.kill('SIGKILL');
});
`,
};
