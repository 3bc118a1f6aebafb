import { QgjobError } from '../../../protocol/errors.ts';

/** Why a call was ended by the server, as its token has ended; undefined where its caller went away, or nobody did. */
export const whyEnded = ({ reason }: AbortSignal): QgjobError | undefined =>
  reason instanceof QgjobError ? reason : undefined;
