/** One column of a chart, its parts from the bottom up. */
export interface Bar {
  /** Below the column; not every column needs one. */
  readonly name: string;
  readonly parts: readonly { readonly look: string; readonly value: number }[];
  /** What is said of the column where one points at it. */
  readonly tip: string;
}

interface BarChartProps {
  /** What the whole chart says, for who does not see it. */
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly format?: (value: number) => string;
}

const width = 640;
const height = 160;
const left = 66;
const bottom = 24;
const top = 8;

/** Columns over time, drawn by the server: no script, and the colours of the style sheet. */
export function BarChart({ label, bars, format = String }: BarChartProps) {
  const most = niceMost(Math.max(0, ...bars.map(sumOf)));
  const step = (width - left) / Math.max(1, bars.length);
  const scale = (height - top - bottom) / most;
  const floor = height - bottom;
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      {[0, 0.5, 1].map((share) => (
        <>
          <line
            class="grid"
            x1={left}
            x2={width}
            y1={floor - share * most * scale}
            y2={floor - share * most * scale}
          />
          <text class="axis" x={left - 6} y={floor - share * most * scale + 4} text-anchor="end">
            {format(share * most)}
          </text>
        </>
      ))}
      {bars.map((bar, index) => (
        <g>
          <title>{bar.tip}</title>
          <rect class="hit" x={left + index * step} y={top} width={step} height={floor - top} />
          {columnOf(bar).map(({ look, from, value }) => (
            <rect
              class={look}
              x={(left + index * step + step * 0.12).toFixed(2)}
              width={(step * 0.76).toFixed(2)}
              y={(floor - (from + value) * scale).toFixed(2)}
              height={(value * scale).toFixed(2)}
            />
          ))}
        </g>
      ))}
      {bars.map(
        (bar, index) =>
          bar.name !== '' && (
            <text class="axis" x={left + (index + 0.5) * step} y={height - 5} text-anchor="middle">
              {bar.name}
            </text>
          ),
      )}
    </svg>
  );
}

const sumOf = ({ parts }: Bar): number => parts.reduce((sum, { value }) => sum + value, 0);

function columnOf({ parts }: Bar) {
  let from = 0;
  return parts.flatMap(({ look, value }) => {
    from += value;
    return value > 0 ? [{ look, value, from: from - value }] : [];
  });
}

/** The end of an axis: 1, 2 or 5 with zeros, and even, so that its half is a whole number. */
function niceMost(value: number): number {
  if (value <= 2) return 2;
  const size = 10 ** Math.floor(Math.log10(value));
  const nice = [1, 2, 4, 6, 8, 10].find((factor) => factor * size >= value) ?? 10;
  return nice * size;
}

interface LegendProps {
  readonly entries: readonly (readonly [look: string, word: string])[];
}

/** Which colour is what; the words stand beside, so that the colours alone say nothing. */
export const Legend = ({ entries }: LegendProps) => (
  <ul class="legend">
    {entries.map(([look, word]) => (
      <li>
        <svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true">
          <rect class={look} width="10" height="10" rx="2" />
        </svg>
        {word}
      </li>
    ))}
  </ul>
);
