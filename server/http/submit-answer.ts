import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import type { Submitted } from '../queue/submit/index.ts';

/** 201 for a new run, 200 for that of an earlier submit with the same key. */
export const submitReply = ({ run, jobs, replayed, warnings }: Submitted) => ({
  status: replayed ? 200 : 201,
  answer: { run, jobs, ...(warnings.length > 0 && { warnings: [...warnings] }) } satisfies SubmitAnswer,
});
