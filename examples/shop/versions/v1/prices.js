/** Amounts are whole cents, since sums of floats have rounding errors. */
export const discountFrom = 50_00;

/** The sum of the prices; 10 % less from 50.00 on. */
export function totalOf(lines) {
  const sum = lines.reduce((cents, { price, quantity }) => cents + price * quantity, 0);
  return sum >= discountFrom ? Math.round(sum * 0.9) : sum;
}
