import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import * as z from 'zod';
import { call, type StackApi } from './call.ts';

const Uploaded = z.object({ app_url: z.string().regex(/^bs:\/\/[A-Za-z0-9]+$/) });

export interface AppUpload {
  /** Absolute; its end tells the kind of app. */
  readonly path: string;
  /** To find it at BrowserStack. Whoever tests by it gets the last upload, so nothing here does. */
  readonly customId: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** `POST /upload`, as a multipart form. Answers the `bs://` address. Errors: StackError, the reason of the signal. */
export async function uploadApp(
  api: StackApi,
  { path, customId, timeoutMs, signal }: AppUpload,
): Promise<string> {
  const form = new FormData();
  form.set('file', await openAsBlob(path), basename(path));
  form.set('custom_id', customId);
  const { app_url } = await call(api, '/upload', Uploaded, { method: 'POST', body: form, timeoutMs, signal });
  return app_url;
}
