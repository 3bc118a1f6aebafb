/** A share of something, with the interval in which the true share is at 95 %. */
export interface Share {
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

const tail = 0.025;

/**
 * `hits` of `trials`, with the exact interval of Clopper and Pearson (The use of confidence or fiducial limits illustrated in
 * the case of the binomial, Biometrika 26, 1934): the shares at which seeing so many hits or more, or so few or fewer, has a
 * probability of at least 2.5 % each. `low` is the 2.5 % quantile of Beta(hits, trials − hits + 1), `high` the 97.5 % quantile of
 * Beta(hits + 1, trials − hits). It holds the true share at least 95 times in 100 whatever that share is, also where it is
 * small: Wilson's interval, which is narrower, does so 91 times for 1 in 200 and 100 trials
 * (docs/decisions/0016-exact-intervals.md). Undefined without trials.
 */
export function shareOf(hits: number, trials: number): Share | undefined {
  if (trials === 0) return undefined;
  return {
    share: hits / trials,
    low: hits === 0 ? 0 : betaQuantile(tail, hits, trials - hits + 1),
    high: hits === trials ? 1 : highOf(hits, trials),
  };
}

/** Most tests are never flaky, and then it is a power: Beta(1, n) is at most x with 1 − (1 − x)ⁿ. */
const highOf = (hits: number, trials: number): number =>
  hits === 0 ? 1 - tail ** (1 / trials) : betaQuantile(1 - tail, hits + 1, trials - hits);

/** Halves of an interval of 1 until doubles have no digit left that matters. */
const halvings = 50;

function betaQuantile(share: number, a: number, b: number): number {
  let low = 0;
  let high = 1;
  for (let n = 0; n < halvings; n += 1) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The regularized incomplete beta function (DLMF 8.17.22). It converges fast on one side of the mean, so the other is mirrored. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  return x === 0 ? 0 : front * continuedFraction(x, a, b);
}

const terms = 500;
const enough = 1e-14;
const tiny = 1e-300;

/** By the method of Lentz: the value up to each term, as the ratio to the one before. */
function continuedFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  const add = (term: number): number => {
    d = 1 / away(1 + term * d);
    c = away(1 + term / c);
    value *= c * d;
    return c * d;
  };
  for (let m = 1; m < terms; m += 1) {
    add((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    const change = add((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    if (Math.abs(change - 1) < enough) break;
  }
  return value;
}

const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** The series of Stirling (DLMF 5.11.1), which is exact enough from 8 on; smaller ones by Γ(x + 1) = x Γ(x). */
function logGamma(x: number): number {
  if (x < 8) return logGamma(x + 1) - Math.log(x);
  const y = 1 / (x * x);
  const series = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / x;
  return (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}
