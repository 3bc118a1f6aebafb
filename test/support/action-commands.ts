/** A workflow command that the runner would execute. */
export interface WorkflowCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
}

const names = ['add-mask', 'error', 'warning', 'notice', 'debug', 'group', 'endgroup', 'stop-commands'];
const more = ['set-output', 'save-state', 'set-env', 'add-path', 'add-matcher', 'remove-matcher', 'echo'];
const known = new Set([...names, ...more]);

/**
 * The commands that the runner finds in a log: `::name key=value::data` at the start of a trimmed line, the older
 * `##[name key=value]data` anywhere; none between `::stop-commands::word` and `::word::`.
 */
export function parseCommands(log: string): WorkflowCommand[] {
  const found: WorkflowCommand[] = [];
  let word: string | undefined;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const command = parseLine(line, word);
    if (word !== undefined) {
      if (command?.name === word) word = undefined;
    } else if (command?.name === 'stop-commands') word = command.data;
    else if (command) found.push(command);
  }
  return found;
}

function parseLine(line: string, word: string | undefined): WorkflowCommand | undefined {
  const match =
    /^\s*::([^\s:]+)(?: ([^:]*))?::(.*)$/.exec(line) ?? /##\[([^\s\]]+)(?: ([^\]]*))?\](.*)$/.exec(line);
  const [, name = '', properties = '', data = ''] = match ?? [];
  if (!known.has(name) && name !== word) return undefined;
  return { name, properties: parseProperties(properties), data: unescapeData(data) };
}

function parseProperties(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => pair.split('='));
  return Object.fromEntries(
    pairs.flatMap(([name = '', value]) =>
      value ? [[name.trim(), unescapeData(value.replaceAll('%3A', ':').replaceAll('%2C', ','))]] : [],
    ),
  );
}

const unescapeData = (text: string): string =>
  text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');

/** The values in a command file: `name<<delimiter`, the lines of the value, the delimiter. */
export function parsePairs(text: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    const [name = '', delimiter] = (lines[index] ?? '').split('<<');
    if (delimiter === undefined) continue;
    const end = lines.indexOf(delimiter, index + 1);
    if (end === -1) throw new Error(`no end of ${name} in a command file`);
    pairs[name] = lines.slice(index + 1, end).join('\n');
    index = end;
  }
  return pairs;
}
