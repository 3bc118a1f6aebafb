import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FirstFile } from './first-file.ts';

/** The folders and endings by which test files are usually known, and the pattern of each. */
const likely: readonly (readonly [folder: string, pattern: string])[] = [
  ['tests', 'tests/**/*.{spec,test}.*'],
  ['test', 'test/**/*.{spec,test}.*'],
  ['e2e', 'e2e/**/*.{spec,test}.*'],
  ['.maestro', '.maestro/*.yaml'],
];

/** A workflow of GitHub that runs the tests of this folder by the Action, without a secret. */
export function workflowFile(folder: string, serverUrl: string | undefined): FirstFile {
  const names = readdirSync(folder);
  const [, tests = 'tests/**/*.{spec,test}.*'] = likely.find(([name]) => names.includes(name)) ?? [];
  return { path: join('.github', 'workflows', 'qgjob.yml'), text: workflowText(serverUrl, tests) };
}

const workflowText = (serverUrl: string | undefined, tests: string): string => `name: app tests
on:
  push:
    branches: [main]
  pull_request:

permissions:
  contents: read
  # The job signs in by GitHub, without a secret; \`qgjob orgs github\` lets the repository.
  id-token: write

jobs:
  app-tests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - uses: org/qgjob-action@v1
        with:
          server-url: ${serverUrl ?? 'https://qgjob.example.com # put your server here'}
          target: emulator
          tests: |
            ${tests}
`;
