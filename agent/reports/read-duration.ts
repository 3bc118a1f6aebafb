/** A longer time is a wrong number, such as an unsigned counter that went below zero. */
const longestMs = 30 * 24 * 3_600_000;

const perUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
  d: 864e5,
};

/**
 * Milliseconds of a time as reports write it: seconds in the notation of any country, `0:00:00.693`, `1.5s`, `1m 3s`,
 * `PT1.5S`. 0 for impossible times (negative, infinite, months) and for texts that are no time.
 */
export function readDuration(written: string): number {
  const text = written.trim();
  if (text === '' || text.length > 100) return 0;
  const ms = clock(text) ?? iso(text) ?? units(text) ?? seconds(text);
  return ms > 0 && ms <= longestMs ? Math.round(ms) : 0;
}

function seconds(text: string): number {
  return decimal(text) * 1000;
}

/**
 * A number with the separators of any country. If it has commas and dots, the last one is the decimal sign; a sign that
 * comes more than once separates thousands. A single one is the decimal sign, in `1,234` too: a test of 1.2 s is far
 * more likely than one of exactly 1234 s. Blanks and apostrophes separate thousands.
 */
function decimal(text: string): number {
  const plain = text.replace(/(?<=\d)[\s'’](?=\d{3})/g, '');
  const [last = ''] = /[.,](?=[^.,]*$)/.exec(plain) ?? [];
  const isSeveral = last !== '' && plain.split(last).length > 2;
  const sign = isSeveral ? '' : last;
  const whole = sign === '' ? plain : plain.slice(0, plain.lastIndexOf(sign));
  if (/[.,](?!\d{2,3}(?!\d))/.test(whole)) return Number.NaN;
  const number = plain.replace(/[.,]/g, (one) => (one === sign ? '.' : ''));
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number) ? Number(number) : Number.NaN;
}

/** `mm:ss`, `h:mm:ss`, with days in front as `1.02:03:04` or `1:02:03:04`. */
function clock(text: string): number | undefined {
  const found = /^(?:(\d{1,3})[.: ])??(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:[.,]\d+)?)$/.exec(text);
  if (!found) return undefined;
  const [, days = '0', hours = '0', minutes = '0', rest = '0'] = found;
  return Number(days) * 864e5 + Number(hours) * 36e5 + Number(minutes) * 6e4 + decimal(rest) * 1000;
}

/** `PT1H2M3.5S`, `P1DT1S`. */
function iso(text: string): number | undefined {
  const found = /^P(?:([\d.,]+)D)?(?:T(?:([\d.,]+)H)?(?:([\d.,]+)M)?(?:([\d.,]+)S)?)?$/i.exec(text);
  if (!found) return undefined;
  const [days, hours, minutes, rest] = found.slice(1).map((part) => (part === undefined ? 0 : decimal(part)));
  return (days ?? 0) * 864e5 + (hours ?? 0) * 36e5 + (minutes ?? 0) * 6e4 + (rest ?? 0) * 1000;
}

const unitNames =
  /^(?:(ns|nanos?)|(us|µs|μs|micros?)|(ms|msecs?|millis?|milliseconds?)|(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?))$/i;
const order = ['ns', 'us', 'ms', 's', 'm', 'h', 'd'];

/** `250ms`, `1m 3s`, `2 min`: numbers with units, all of them. */
function units(text: string): number | undefined {
  let sum = 0;
  const rest = text.replace(
    /([+-]?[\d.,]+(?:e[+-]?\d+)?)\s*([a-zµμ]+)/gi,
    (_whole, number: string, unit: string) => {
      const place = unitNames
        .exec(unit)
        ?.slice(1)
        .findIndex((name) => name !== undefined);
      sum += place === undefined ? Number.NaN : decimal(number) * (perUnit[order[place] ?? ''] ?? Number.NaN);
      return '';
    },
  );
  return rest !== text && rest.trim() === '' ? sum : undefined;
}
