import type { Upload } from '../../protocol/contract.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { UploadPlan } from '../../protocol/shapes/upload.ts';
import { isRetryable } from '../retry.ts';
import type { DirectCalls } from './direct-calls.ts';

/** A file to upload, and the two calls around its way to an address. */
export interface DirectUpload<T> {
  readonly body: Upload;
  readonly signal?: AbortSignal | undefined;
  /** Asks the server where the file goes; one try. */
  plan(): Promise<UploadPlan>;
  /** Says that it is there. */
  complete(plan: UploadPlan): Promise<T>;
}

/** What became of it: `server`: it is to be sent through the server. */
export type DirectEnd<T> =
  | { readonly way: 'server' | 'nothing' }
  | { readonly way: 'address'; readonly answer: T };

const throughServer = { way: 'server' } as const;

/**
 * Uploads a file to the address that the server names, where it names one and that takes the file. Errors: refusals of the
 * two calls, but for what only means that an older server does not know them, or that the bytes did not come there.
 */
export async function sendDirect<T>(direct: DirectCalls, upload: DirectUpload<T>): Promise<DirectEnd<T>> {
  if (!direct.mayUpload) return throughServer;
  const plan = await planOf(direct, upload);
  if (plan?.send === 'nothing') return { way: 'nothing' };
  if (plan?.send !== 'address') return throughServer;
  if (!(await direct.put(plan, upload.body, upload.signal))) return throughServer;
  try {
    return { way: 'address', answer: await upload.complete(plan) };
  } catch (error) {
    const code = error instanceof QgjobError ? error.code : undefined;
    if (code !== 'not_found' && code !== 'invalid') throw error;
    // Something on the way took the bytes, or changed them.
    direct.noteBroken(plan.url);
    return throughServer;
  }
}

async function planOf<T>(direct: DirectCalls, upload: DirectUpload<T>): Promise<UploadPlan | undefined> {
  try {
    const plan = await upload.plan();
    if (plan.send === 'server') direct.noteThroughServer();
    return plan;
  } catch (error) {
    // An older server does not know this call. What else comes here the upload itself will meet, which is tried again.
    if (!(error instanceof QgjobError) || !passes(error)) throw error;
    if (error.message.startsWith('no such call')) direct.noteThroughServer();
    return undefined;
  }
}

const passes = (error: QgjobError): boolean => error.code === 'not_found' || isRetryable(error);
