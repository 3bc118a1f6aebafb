import * as z from 'zod';
import { AgentFile } from '../config-shape.ts';

/** The part of a JSON Schema that we look at. */
interface Shape {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
}

/** The JSON Schema of `qgjob.agent.json`, made from the code. */
export const agentSchema = (): Shape => z.toJSONSchema(AgentFile, { io: 'input' }) as Shape;

/** Every key of `qgjob.agent.json` with its default and meaning, as Markdown. */
export function settingsTable(): string {
  const rows = settings('', agentSchema()).map(
    ([key, shape]) => `| \`${key}\` | ${defaultOf(shape)} | ${shape.description ?? ''} |`,
  );
  return ['| key | default | what it is |', '|---|---|---|', ...rows].join('\n');
}

/** The leaves: objects and lists of objects stand for what is in them. */
function settings(prefix: string, shape: Shape): [key: string, shape: Shape][] {
  return Object.entries(shape.properties ?? {}).flatMap(([name, inner]) => {
    const key = `${prefix}${name}`;
    if (inner.properties) return settings(`${key}.`, inner);
    return inner.items?.properties ? settings(`${key}[].`, inner.items) : [[key, inner]];
  });
}

const defaultOf = (shape: Shape): string =>
  shape.default === undefined ? '' : `\`${JSON.stringify(shape.default)}\``;
