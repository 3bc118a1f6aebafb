import type { Artifact } from '../../../../protocol/shapes/artifact.ts';
import { toInstant } from '../../../queue/store/to-wire.ts';
import { addressOf, useView } from '../../frame/view.ts';
import { Card } from '../../parts/card.tsx';
import { plain } from '../../parts/plain.ts';
import { Ago } from '../../parts/time.tsx';

interface FilesProps {
  readonly files: readonly Artifact[];
  readonly attempt: number;
  /** When the files of the run were deleted to make room, epoch ms. */
  readonly prunedAt: number | undefined;
}

/** What the attempt left: videos and screenshots in place, traces with the command that shows them, the rest to download. */
export function Files({ files, attempt, prunedAt }: FilesProps) {
  if (prunedAt !== undefined)
    return (
      <p class="notice">
        The logs and files of this run made room for newer ones <Ago at={toInstant(prunedAt)} />.
      </p>
    );
  if (files.length === 0) return <div id="files" data-live="" />;
  const of = (kind: Artifact['kind']) => files.filter((file) => file.kind === kind);
  const seen = [...of('video'), ...of('screenshot')];
  const traces = of('trace');
  const others = files.filter((file) => !seen.includes(file) && !traces.includes(file));
  return (
    <Card title="What it left" id="files" aside={<span class="faint">attempt {attempt}</span>}>
      <div class="card-body files">
        {seen.length > 0 && (
          <div class="media">
            {seen.map((file) => (
              <Media file={file} />
            ))}
          </div>
        )}
        {traces.map((file) => (
          <Trace file={file} />
        ))}
        {others.length > 0 && (
          <ul class="plain">
            {others.map((file) => (
              <li>
                <FileLink file={file} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

interface FileProps {
  readonly file: Artifact;
}

const useAddress = ({ artifact_id: id }: Artifact): string => addressOf(useView(), `/artifacts/${id}`);

function Media({ file }: FileProps) {
  const address = useAddress(file);
  const name = plain(file.name, 120);
  return (
    <figure>
      {file.kind === 'video' ? (
        // biome-ignore lint/a11y/useMediaCaption: the video of a test has no sound
        <video src={address} controls preload="metadata" aria-label={name} />
      ) : (
        <a href={address}>
          <img src={address} alt={name} loading="lazy" />
        </a>
      )}
      <figcaption>
        <FileLink file={file} />
      </figcaption>
    </figure>
  );
}

function Trace({ file }: FileProps) {
  const name = plain(file.name.split('/').at(-1) ?? '', 120);
  return (
    <p>
      <FileLink file={file} /> <span class="hint">then</span>{' '}
      <code>
        npx playwright show-trace {/^[\w.-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`}
      </code>
    </p>
  );
}

function FileLink({ file }: FileProps) {
  return (
    <a href={useAddress(file)} download={file.name.split('/').at(-1)}>
      {plain(file.name, 120)} <span class="faint">{sizeOf(file.size)}</span>
    </a>
  );
}

const sizeOf = (bytes: number): string =>
  bytes < 1000
    ? `${bytes} B`
    : bytes < 1_000_000
      ? `${Math.round(bytes / 1000)} kB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`;
