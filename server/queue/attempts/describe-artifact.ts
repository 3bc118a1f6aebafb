import type { ArtifactKind } from '../../../protocol/states.ts';

/** The first that fits the name, in lower case, says the kind. */
const kinds: readonly (readonly [ArtifactKind, RegExp])[] = [
  ['screenshot', /\.(png|jpe?g|webp)$/],
  ['video', /\.(mp4|webm)$/],
  ['trace', /(^|[^a-z])trace[^/]*\.zip$|\.trace$/],
  ['log', /\.(log|txt)$/],
  ['report', /\.(html?|xml)$|(^|[^a-z])(report|results)\.json$|report\//],
];

/**
 * What each extension is served as. Nothing is here that a browser would run: pages, SVG and XML are octets to it,
 * whatever the uploader says of them.
 */
const contentTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  mp4: 'video/mp4',
  webm: 'video/webm',
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  json: 'application/json',
  zip: 'application/zip',
};

/** Kind and content type of an artifact, from its name alone. */
export function describeArtifact(name: string): { kind: ArtifactKind; contentType: string } {
  const lower = name.toLowerCase();
  const extension = /\.([a-z0-9]+)$/.exec(lower)?.[1] ?? '';
  return {
    kind: kinds.find(([, pattern]) => pattern.test(lower))?.[0] ?? 'other',
    contentType: Object.hasOwn(contentTypes, extension)
      ? (contentTypes[extension] as string)
      : 'application/octet-stream',
  };
}
