import { glob } from 'tinyglobby';

const likely = ['*.{spec,test}.*', '{tests,test,e2e,__tests__}/**/*.{spec,test}.*', '.maestro/*.yaml'];

/** A test of this folder, to be shown in an example; a made-up one where none is found near. */
export async function exampleTest(cwd: string): Promise<string> {
  const found = await glob(likely, {
    cwd,
    deep: 4,
    ignore: ['**/node_modules/**'],
    followSymbolicLinks: false,
  });
  return found.sort()[0] ?? 'tests/example.spec.js';
}
