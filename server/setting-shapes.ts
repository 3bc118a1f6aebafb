import * as z from 'zod';

/** Digits only: Number() accepts "", " ", "0x10" and "1e3" too. */
export function whole(minimum: number, maximum: number) {
  const message = `give a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d{1,15}$/, message)
    .transform(Number)
    .refine((value) => value >= minimum && value <= maximum, message);
}
