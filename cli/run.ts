import { exitCodes } from '../protocol/exit-codes.ts';
import { explain } from './explain.ts';
import { survivePipes } from './output/print.ts';
import { buildProgram } from './program.ts';

/** One command line; resolves to the exit code. Nothing is thrown: errors are said on stderr. */
export async function runCli(argv: readonly string[]): Promise<number> {
  survivePipes();
  let exitCode: number = exitCodes.success;
  try {
    const program = await buildProgram(argv, (code) => {
      exitCode = code;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, argv);
  }
}
