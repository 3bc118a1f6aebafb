import { expect, test } from 'vitest';
import * as z from 'zod';
import { answerOutlines } from './answer-outlines.ts';
import type { Contract } from './contract.ts';
import { contracts } from './contracts.ts';
import type { Outline } from './outline.ts';
import { outlines } from './outlines.ts';
import { isOfAgents, type RouteName, routes } from './routes.ts';

/** The spec of a zod shape, with the fields of its objects. */
function specOf(shape: z.core.$ZodType): unknown {
  if (shape instanceof z.ZodOptional) return mark(specOf(shape.unwrap()), '~');
  if (shape instanceof z.ZodDefault) return mark(specOf(shape.unwrap()), '~');
  if (shape instanceof z.ZodNullable) return mark(specOf(shape.unwrap()), '?');
  if (shape instanceof z.ZodArray) return { spec: '[]', of: specOf(shape.element) };
  if (shape instanceof z.ZodRecord) return { spec: 'o' };
  if (shape instanceof z.ZodEnum) return { spec: 'w' };
  if (shape instanceof z.ZodBoolean) return { spec: 'b' };
  if (shape instanceof z.ZodNumber) return { spec: 'n' };
  if (shape instanceof z.ZodObject) {
    return {
      spec: '{}',
      of: Object.fromEntries(Object.entries(shape.shape).map(([name, field]) => [name, specOf(field)])),
    };
  }
  return { spec: 's' };
}

const mark = (spec: unknown, sign: string) => ({ ...(spec as { spec: string }), [sign]: true });

function written(spec: string): unknown {
  const marks = /[?~]*$/.exec(spec)?.[0] ?? '';
  const bare = spec.slice(0, spec.length - marks.length);
  const inner = /^\[(.*)\]$/.exec(bare)?.[1];
  const outline = outlines[bare];
  const of = inner === undefined ? outline && writtenAll(outline) : written(inner);
  const base = inner === undefined ? { spec: outline ? '{}' : bare } : { spec: '[]' };
  return {
    ...base,
    ...(of !== undefined && { of }),
    ...Object.fromEntries([...marks].map((sign) => [sign, true])),
  };
}

const writtenAll = (outline: Outline): unknown =>
  Object.fromEntries(Object.entries(outline).map(([name, spec]) => [name, written(spec)]));

test.each(Object.keys(routes) as RouteName[])('the outline of %s is that of its shape', (name) => {
  const { answer }: Contract = contracts[name];
  const outline = answerOutlines[name];
  if (isOfAgents(name)) return expect(outline).toBeUndefined();
  if (typeof answer === 'string') expect(outline).toBe(answer);
  else expect({ spec: '{}', of: writtenAll(outline as Outline) }).toEqual(specOf(answer));
});
