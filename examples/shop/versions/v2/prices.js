/** Amounts are whole cents, since sums of floats have rounding errors. */
export const discountFrom = 50_00;

const discounts = [{ above: discountFrom, factor: 0.9 }];

/** The sum of the prices. Version 2 has a table of discounts, with a regression: "from 50.00 on" is now "above 50.00". */
export function totalOf(lines) {
  const sum = lines.reduce((cents, { price, quantity }) => cents + price * quantity, 0);
  const discount = discounts.find(({ above }) => sum > above);
  return discount ? Math.round(sum * discount.factor) : sum;
}
