import type { Command } from 'commander';
import { QgjobError } from '../../protocol/errors.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { followLog, type LogSink, printLog } from '../logs/follow-log.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { LogCleaner } from '../output/log-cleaner.ts';
import { printBytes } from '../output/print.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly follow?: true;
  readonly attempt?: number;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Print what a test wrote. On a terminal, colours are kept and other control sequences left out; into a file or ' +
        'a pipe go the bytes as they are.',
    )
    .argument('[id]', 'a job')
    .option('-f, --follow', 'go on until the job is final')
    .option('--attempt <number>', 'of this attempt (the last one)', wholeNumber);
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'job') {
      throw new QgjobError(
        'invalid',
        `${id} is a run; logs are of a job: \`qgjob list --run=${id}\` names them`,
      );
    }
    const show = flags.follow ? followLog : printLog;
    await show(connect(flags), id, flags.attempt, openSink());
    done(0);
  });
}

function openSink(): LogSink {
  if (!process.stdout.isTTY) return { write: printBytes, end: () => Promise.resolve() };
  const cleaner = new LogCleaner();
  return {
    write: (bytes) => printBytes(cleaner.push(bytes)),
    end: () => printBytes(cleaner.end()),
  };
}
