import { cleanText } from '../../../protocol/clean-text.ts';
import { type LogPart, parseAnsi } from './ansi.ts';
import type { LogLine } from './log-window.ts';

interface LogLinesProps {
  readonly lines: readonly LogLine[];
  /** Marked where it stands in a line. */
  readonly wanted?: string | undefined;
  /** The query by which the page shows this part again, `?attempt=1&offset=…`; absent: links stay on the page. */
  readonly query?: string;
}

/** Characters of a line that are shown: what is longer is no line for people. */
const shownLength = 20_000;
/** Pieces with a style in all lines together: what changes its colour more often goes on without colours. */
const mostStyled = 4000;

/** Lines of a log, each with a number that links to it. */
export function LogLines({ lines, wanted, query = '' }: LogLinesProps) {
  let styled = 0;
  const partsOf = (text: string): LogPart[] => {
    const parts = styled < mostStyled ? parseAnsi(text) : [{ text: cleanText(text), style: '' }];
    styled += parts.filter(({ style }) => style !== '').length;
    return parts;
  };
  return (
    <>
      {lines.map(({ number, text }) => (
        <div class="l" id={`L${number}`}>
          <a href={`${query}#L${number}`} tabindex={-1}>
            {number}
          </a>
          <span>{lineOf(text, wanted, partsOf)}</span>
        </div>
      ))}
    </>
  );
}

function lineOf(text: string, wanted: string | undefined, partsOf: (text: string) => LogPart[]) {
  const isCut = text.length > shownLength;
  const parts = partsOf(isCut ? text.slice(0, shownLength) : text).map(({ text: piece, style }) =>
    style === '' ? marked(piece, wanted) : <span class={style}>{marked(piece, wanted)}</span>,
  );
  return isCut ? [...parts, <em> … {text.length - shownLength} more characters</em>] : parts;
}

/** The text with what was searched for marked. */
export function marked(text: string, wanted: string | undefined) {
  const at = wanted === undefined || wanted === '' ? -1 : text.toLowerCase().indexOf(wanted.toLowerCase());
  if (at < 0 || wanted === undefined) return text;
  const end = at + wanted.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
