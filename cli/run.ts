import { CommanderError } from 'commander';
import { oneLine, shortLine } from '../protocol/clean-text.ts';
import { QgjobError } from '../protocol/errors.ts';
import { exitCodes } from '../protocol/exit-codes.ts';
import { isDebug } from './config.ts';
import { say, survivePipes } from './output/print.ts';
import { askedCommand, buildProgram } from './program.ts';

/** Runs one command line; resolves to the exit code. Throws nothing: errors are printed on stderr. */
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

/** Prints on stderr, in one line, why a command failed; returns the exit code. */
function explain(error: unknown, argv: readonly string[]): number {
  const { line, exitCode, stack } = describe(error, argv);
  if (line) say(`qgjob: ${oneLine(line)}`);
  if (stack && isDebug()) say(stack);
  return exitCode;
}

interface Explained {
  readonly line?: string;
  readonly exitCode: number;
  readonly stack?: string | undefined;
}

function describe(error: unknown, argv: readonly string[]): Explained {
  if (error instanceof CommanderError) return usage(error, argv);
  const { message, stack } = error as Error;
  if (error instanceof QgjobError) return { line: withRequest(error), exitCode: error.exitCode, stack };
  const exitCode = exitCodes.unavailable;
  // An error of the system needs no more words: a folder that may not be written, say.
  if (typeof (error as NodeJS.ErrnoException).syscall === 'string') return { line: message, exitCode, stack };
  const hint = isDebug() ? '' : ' (QGJOB_DEBUG=1 shows where)';
  return { line: `unexpected: ${message}; this is a bug${hint}`, exitCode, stack };
}

/** With the id by which the server's log has the request. */
const withRequest = ({ message, requestId }: QgjobError): string =>
  requestId === undefined ? message : `${message} (request ${shortLine(requestId, 100)})`;

/** Commander's message, `error: unknown option '--tset'\n(Did you mean --test?)`, as one line that says what to do. */
function usage(error: CommanderError, argv: readonly string[]): Explained {
  if (error.exitCode === 0) return { exitCode: exitCodes.success };
  const exitCode = exitCodes.usage;
  // Called without a command: commander has printed the help.
  if (error.code === 'commander.help') return { exitCode };
  const [first = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const what = first.replace(/\.$/, '');
  const bad = /^option '(\S+).*?' argument '(.*)' is invalid\. (.)(.*)$/.exec(what);
  if (bad) return { line: `${bad[1]}=${bad[2]}: ${bad[3]?.toLowerCase()}${bad[4]}`, exitCode };
  const asked = askedCommand(argv);
  const help = asked && error.code !== 'commander.unknownCommand' ? `qgjob ${asked} --help` : 'qgjob --help';
  const advice = suggestion ? suggestion.replace(/^\(D(.*)\)$/, 'd$1') : `see ${help}`;
  return { line: `${what}; ${advice}`, exitCode };
}
