/** Amounts are whole cents: sums of floats are a cent off sooner or later. */
export const discountFrom = 50_00;

/** What the goods cost together, 10 % less from 50.00 on. */
export function totalOf(lines) {
  const sum = lines.reduce((cents, { price, quantity }) => cents + price * quantity, 0);
  return sum >= discountFrom ? Math.round(sum * 0.9) : sum;
}
