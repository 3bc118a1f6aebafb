/** How a state looks: each kind has a colour and a shape of its own, so that nobody needs the colour. */
type Look = 'good' | 'bad' | 'broken' | 'busy' | 'waits' | 'off' | 'doubt';

const looks: Readonly<Record<string, Look>> = {
  passed: 'good',
  success: 'good',
  idle: 'good',
  online: 'good',
  active: 'good',
  failed: 'bad',
  failure: 'bad',
  errored: 'broken',
  benched: 'broken',
  failing: 'broken',
  running: 'busy',
  busy: 'busy',
  borrowed: 'busy',
  scheduled: 'busy',
  queued: 'waits',
  waiting: 'waits',
  draining: 'waits',
  paused: 'waits',
  flaky: 'doubt',
  skipped: 'off',
  cancelled: 'off',
  neutral: 'off',
  offline: 'off',
  off: 'off',
};

/** A state in words, with its shape and colour. */
export function Status({ of: state, word }: { readonly of: string; readonly word?: string }) {
  const look = looks[state] ?? 'off';
  return (
    <span class={`status ${look}`}>
      <Shape look={look} />
      {word ?? state}
    </span>
  );
}

/** The shape alone; the state stands beside it as text. */
export const Shape = ({ look }: { readonly look: Look }) => (
  <svg class={`shape ${look}`} viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
    {shapes[look]}
  </svg>
);

const shapes: Readonly<Record<Look, ReturnType<typeof path>>> = {
  good: path(
    'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.9 6.2-4.5 4.7a.8.8 0 0 1-1.1 0L4.1 8.7l1.1-1.1 1.6 1.7 4-4.2Z',
  ),
  bad: path(
    'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm3.2 10.1-1.1 1.1L8 9.1l-2.1 2.1-1.1-1.1L6.9 8 4.8 5.9l1.1-1.1L8 6.9l2.1-2.1 1.1 1.1L9.1 8Z',
  ),
  broken: path('M8 .8 16 15H0L8 .8Zm-.8 5.4v4.4h1.6V6.2H7.2Zm0 5.6v1.6h1.6v-1.6H7.2Z'),
  busy: path('M8 0a8 8 0 1 0 8 8h-2a6 6 0 1 1-6-6V0Zm2 0v2.3A6 6 0 0 1 13.700 6H16A8 8 0 0 0 10 0Z'),
  waits: path(
    'M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0Zm0 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2Zm-1 2v4.600l3.200 1.900.9-1.500L8.700 7.700V4H7Z',
  ),
  doubt: path('M8 0 16 8 8 16 0 8 8 0Zm-.8 4v5h1.600V4H7.200Zm0 6.200V12h1.600v-1.800H7.200Z'),
  off: path('M8 0a8 8 0 1 0 0 16A8 8 0 0 0 8 0ZM3.500 7.100h9v1.800h-9V7.100Z'),
};

function path(d: string) {
  return <path d={d} fill="currentColor" fill-rule="evenodd" />;
}
