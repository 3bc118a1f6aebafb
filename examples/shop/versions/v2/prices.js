/** Amounts are whole cents: sums of floats are a cent off sooner or later. */
export const discountFrom = 50_00;

const discounts = [{ above: discountFrom, factor: 0.9 }];

/** What the goods cost together. Version 2 made the discounts a table, and "from 50.00 on" became "above 50.00". */
export function totalOf(lines) {
  const sum = lines.reduce((cents, { price, quantity }) => cents + price * quantity, 0);
  const discount = discounts.find(({ above }) => sum > above);
  return discount ? Math.round(sum * discount.factor) : sum;
}
