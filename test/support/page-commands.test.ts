import { expect, test } from 'vitest';
import { readTerminals } from './page-commands.ts';

const page = `One terminal:

\`\`\`console
$ npx qgjob server   # for a while
listening
$ cd examples
\`\`\`

Stop the server with Ctrl-C. Then:

\`\`\`sh
npx qgjob dev
npx qgjob list
\`\`\`

Ctrl-C is a key.

\`\`\`json
{}
\`\`\`
\`\`\`
npx qgjob logs
\`\`\`
`;

test('the commands of a page come by terminals, and what is stopped before them is said', () => {
  const none = { shown: [], isAfterCtrlC: false };
  expect(readTerminals(page)).toEqual([
    [
      { ...none, line: 'npx qgjob server', shown: ['listening'] },
      { ...none, line: 'cd examples' },
    ],
    [
      { ...none, line: 'npx qgjob dev', isAfterCtrlC: true },
      { ...none, line: 'npx qgjob list' },
    ],
    [{ ...none, line: 'npx qgjob logs' }],
  ]);
});
