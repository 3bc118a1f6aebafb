// @ts-check
// Keeps a page up to date: whatever happens, the page itself is fetched again, and what differs in it is exchanged.
import { morph } from './morph.js';

const pauseMs = 1000;
/** Ages of things grow also where nothing happens. */
const idleMs = 30_000;
const longestRetryMs = 10_000;

const state = document.getElementById('live-state');

/** @param {'live' | 'lost' | 'off'} name */
function say(name) {
  if (!state || state.dataset.state === name) return;
  state.dataset.state = name;
  state.textContent = { live: 'live', lost: 'connecting again …', off: '' }[name];
}

let lastAt = 0;
let isBusy = false;
/** There was news while the page was fetched. */
let isStale = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/** Fetches the page soon: at once, but at most once a second, and not while nobody looks. */
export function refreshSoon() {
  if (timer !== undefined || document.hidden) return;
  timer = setTimeout(refresh, Math.max(0, lastAt + pauseMs - Date.now()));
}

async function refresh() {
  timer = undefined;
  isStale = isBusy;
  if (isBusy) return;
  isBusy = true;
  try {
    // Of what is not exchanged the server reads nothing.
    const headers = { accept: 'text/html', 'x-live-refresh': '1' };
    const response = await fetch(location.href, { headers, redirect: 'manual' });
    // The session has ended: the page leads to the sign-in.
    if (response.type === 'opaqueredirect') location.reload();
    else if (response.ok) show(await response.text());
  } catch {
    say('lost');
  }
  lastAt = Date.now();
  isBusy = false;
  if (isStale) refreshSoon();
}

/** @param {string} html */
function show(html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  document.title = fresh.title;
  for (const part of fresh.querySelectorAll('[data-live]')) {
    const mine = document.getElementById(part.id);
    if (mine) morph(mine, part);
  }
  document.dispatchEvent(new CustomEvent('qgjob:shown'));
}

/** @param {string} address */
export function follow(address) {
  let retryMs = 500;
  let last = '';
  let wasAway = false;
  const open = () => {
    const url = new URL(address, location.href);
    if (last !== '') url.searchParams.set('after', last);
    const source = new EventSource(url);
    const note = (/** @type {MessageEvent} */ event) => {
      last = event.lastEventId;
      document.dispatchEvent(new CustomEvent('qgjob:news'));
      refreshSoon();
    };
    source.addEventListener('message', note);
    source.addEventListener('reset', note);
    source.addEventListener('ready', (event) => {
      last ||= event.lastEventId;
      retryMs = 500;
      say('live');
      // Whoever was away shows something old.
      if (wasAway) refreshSoon();
      wasAway = false;
    });
    source.addEventListener('error', () => {
      wasAway = true;
      say('lost');
      source.close();
      setTimeout(open, retryMs);
      retryMs = Math.min(longestRetryMs, retryMs * 2);
    });
  };
  open();
  setInterval(refreshSoon, idleMs);
  document.addEventListener('visibilitychange', refreshSoon);
}
