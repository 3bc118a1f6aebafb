import { existsSync } from 'node:fs';
import { QgjobError } from '../../protocol/errors.ts';
import type { ChildEnd, Command, OutputStream } from '../children/run-child.ts';
import type { BatchRequest, BatchRest } from '../frameworks/batch.ts';
import { describeEnd } from '../frameworks/describe-end.ts';
import type { BatchPreset, JobPreset, Preset, TestRequest } from '../frameworks/preset.ts';
import type { OutsideFile } from '../frameworks/request.ts';
import { verdictOfCommand } from '../frameworks/verdict-of-command.ts';
import { type AttemptResult, errored } from '../reports/attempt-result.ts';

export type Show = (bytes: Buffer, stream: OutputStream) => void;

/** The process of a test while it runs. */
export interface Watched {
  /** Takes what it writes; what is for people is shown. */
  write(bytes: Buffer, stream: OutputStream): void;
  /** What it came to, by the framework's own reading of it. */
  end(end: ChildEnd, tail: string): Promise<AttemptResult>;
}

/** The process of a test, which is not started here. */
export interface PreparedRepro {
  readonly command: Command;
  readonly outside: readonly OutsideFile[];
  watch(show: Show): Watched;
}

type Request = TestRequest & BatchRequest;

/** Errors: `unavailable` where the test cannot be run here; `invalid` where its command is not known yet. */
export async function prepareTest(preset: Preset, request: Request, isPlan: boolean): Promise<PreparedRepro> {
  if ('prepare' in preset) return prepareJob(preset, request);
  const byHand = preset.byHand?.(request);
  if (byHand) return { command: byHand, outside: [], watch: watchExit };
  // To open it is to write.
  if (isPlan || !existsSync(request.root))
    throw new QgjobError(
      'invalid',
      `the command of ${preset.name} is known once the source is here: leave --print out`,
    );
  return open(preset, request);
}

async function prepareJob(preset: JobPreset, request: Request): Promise<PreparedRepro> {
  const prepared = await preset.prepare(request);
  if ('rejected' in prepared)
    throw new QgjobError('unavailable', `it could not be run here: ${prepared.rejected}`);
  const { command, outside } = prepared;
  return {
    command,
    outside,
    watch: (show) => ({ write: show, end: (end, tail) => prepared.read(end, tail) }),
  };
}

/** The suite's own reporters tell nothing to us. */
const watchExit = (show: Show): Watched => ({
  write: show,
  end: async (end) => verdictOfCommand(end, undefined, ''),
});

function open(preset: BatchPreset, request: Request): PreparedRepro {
  let show: Show = nothing;
  let from: OutputStream = 'stdout';
  let told: AttemptResult | undefined;
  const process = preset.open(request, {
    output: (_, bytes) => show(bytes, from),
    ended: (_, result) => {
      told = result;
    },
    ...{ runs: nothing, installed: nothing },
  });
  const watch = (to: Show): Watched => {
    show = to;
    return {
      write: (bytes, stream) => {
        from = stream;
        process.read(bytes, stream);
      },
      end: async (end, tail) => {
        const rest = await process.close(end, tail);
        return told ?? resultOf(rest.get(request.testPath), end);
      },
    };
  };
  return { command: process.command, outside: process.outside, watch };
}

const nothing = (): void => undefined;

/** An agent would try again, where that is no result. */
const resultOf = (rest: BatchRest | undefined, end: ChildEnd): AttemptResult =>
  typeof rest === 'object' ? rest : errored('infra_error', `no test ran: ${describeEnd(end, 'it').how}`);
