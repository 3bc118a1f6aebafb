import * as z from 'zod';

type Issue = z.core.$ZodIssue;

// Fewer than these are looked at together.
const few = 64;

/**
 * The first bad issue within the long lists of a value, item by item. A shape that is held against a whole value gathers
 * every issue: a million items that are none would cost gigabytes before anything is said.
 */
export function findBadItem(
  shape: z.core.$ZodType,
  value: unknown,
  isBad: (issue: Issue) => boolean,
): Issue | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [part, item, isOneOfMany] of partsOf(unwrap(shape), value)) {
    const inner = findBadItem(part, item, isBad);
    const bad = inner ?? (isOneOfMany ? firstBad(part, item, isBad) : undefined);
    if (bad) return bad;
  }
  return undefined;
}

type Part = readonly [shape: z.core.$ZodType, value: unknown, isOneOfMany: boolean];

function* partsOf(shape: z.core.$ZodType, value: object): Generator<Part> {
  if (shape instanceof z.ZodArray && Array.isArray(value)) {
    for (const item of value) yield [shape.element, item, value.length > few];
  } else if (shape instanceof z.ZodRecord) {
    const items = Object.values(value);
    for (const item of items) yield [shape.valueType, item, items.length > few];
  } else if (shape instanceof z.ZodObject) {
    for (const [name, field] of Object.entries(shape.shape)) {
      if (Object.hasOwn(value, name)) yield [field, (value as Record<string, unknown>)[name], false];
    }
  }
}

function unwrap(shape: z.core.$ZodType): z.core.$ZodType {
  const isWrapped =
    shape instanceof z.ZodOptional || shape instanceof z.ZodNullable || shape instanceof z.ZodDefault;
  return isWrapped ? unwrap(shape.unwrap()) : shape;
}

function firstBad(
  shape: z.core.$ZodType,
  item: unknown,
  isBad: (issue: Issue) => boolean,
): Issue | undefined {
  return z.safeParse(shape, item, { reportInput: true }).error?.issues.find(isBad);
}
