// @ts-check
// A log that grows: what is new is fetched by its place in the log, in bytes, so that no line is lost or comes twice.

const pauseMs = 1000;
const longestRetryMs = 10_000;
/** Lines that stay on the page; older ones are a link away. */
const mostLines = 5000;

export function openLog() {
  const box = /** @type {HTMLElement | null} */ (document.querySelector('[data-log]'));
  if (box) new Log(box).begin();
}

class Log {
  #retryMs = pauseMs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #isBusy = false;

  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
  }

  begin() {
    // Whoever has scrolled up reads: only at the end new lines move the log.
    if (!location.hash && this.#isOpen) this.box.scrollTop = this.box.scrollHeight;
    if (!this.#isOpen) return;
    document.addEventListener('qgjob:news', () => this.#soon(0));
    this.#soon(pauseMs);
  }

  get #isOpen() {
    return this.box.dataset.follow !== undefined;
  }

  /** @param {number} ms */
  #soon(ms) {
    if (this.#timer !== undefined && ms > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#read(), ms);
  }

  async #read() {
    this.#timer = undefined;
    if (this.#isBusy || !this.#isOpen) return;
    this.#isBusy = true;
    const { follow = '', next = '0', line = '1' } = this.box.dataset;
    let wait = pauseMs;
    try {
      const url = new URL(follow, location.href);
      url.searchParams.set('offset', next);
      url.searchParams.set('line', line);
      const response = await fetch(url, { redirect: 'manual' });
      if (!response.ok) throw new Error(String(response.status));
      this.#retryMs = pauseMs;
      if (this.#append(await response.text(), response.headers)) wait = 0;
    } catch {
      // The next try begins where this one did.
      wait = this.#retryMs;
      this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2);
    }
    this.#isBusy = false;
    if (this.#isOpen) this.#soon(Math.max(wait, 1));
  }

  /**
   * True: there is more to fetch at once.
   *
   * @param {string} html
   * @param {Headers} headers
   */
  #append(html, headers) {
    const { box } = this;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
    const fresh = new DOMParser().parseFromString(html, 'text/html');
    box.append(...[...fresh.body.children].map((line) => document.importNode(line, true)));
    while (box.childElementCount > mostLines) box.firstElementChild?.remove();
    box.dataset.next = headers.get('x-next-offset') ?? box.dataset.next;
    box.dataset.line = headers.get('x-next-line') ?? box.dataset.line;
    if (headers.get('x-log-state') === 'ended') delete box.dataset.follow;
    if (isAtEnd) box.scrollTop = box.scrollHeight;
    return headers.get('x-log-state') === 'more';
  }
}
