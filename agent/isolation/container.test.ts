import { expect, test } from 'vitest';
import { type ContainerOptions, containerCommand } from './container.ts';

// No container engine runs where the project is checked: what is known here is the command line.
const options: ContainerOptions = {
  engine: 'docker',
  image: 'registry.example.org/tests:1',
  user: { name: 'tests', uid: 1001, gid: 1002, home: '/home/tests' },
  isRoot: false,
  visible: ['/opt/data'],
};
const place = {
  folder: '/srv/lease',
  root: '/srv/lease/source',
  device: '/srv/device',
  home: '/srv/lease/home',
  name: 'qgjob-1',
};
const command = {
  argv: [process.execPath, 'cli.js', 'test', '--grep', 'a b'],
  cwd: '/srv/lease/source',
  env: { PATH: '/host/bin', HOME: '/host/home', LANG: 'C.UTF-8', CI: '1', NPM_TOKEN: 'a secret' },
};

test('a program runs in the image, as the user, in the folder of its lease and nothing else of the host', () => {
  expect(containerCommand(command, place, options)).toEqual({
    cwd: '/',
    env: command.env,
    argv: [
      ...['docker', 'run', '--rm', '--init', '--name', 'qgjob-1', '--network', 'host', '--shm-size', '1g'],
      ...['--user', '1001:1002', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...['--mount', 'type=bind,source=/srv/lease,target=/srv/lease'],
      ...['--mount', 'type=bind,source=/srv/device,target=/srv/device'],
      ...['--mount', 'type=bind,source=/opt/data,target=/opt/data,readonly'],
      ...['--workdir', '/srv/lease/source', '--env', 'HOME=/srv/lease/home'],
      ...['--env', 'LANG', '--env', 'CI', '--env', 'NPM_TOKEN'],
      ...[
        '--entrypoint',
        '/bin/sh',
        'registry.example.org/tests:1',
        '-c',
        expect.stringContaining('exec "$@"'),
      ],
      ...['qgjob', '/srv/lease/home/qgjob-1', 'node', 'cli.js', 'test', '--grep', 'a b'],
    ],
  });
});

test('no value of a variable is in the list of processes', () => {
  expect(containerCommand(command, place, options).argv.join(' ')).not.toContain('a secret');
});

test('a workspace is seen for reading, and commas of its path separate nothing', () => {
  const { argv } = containerCommand(command, { ...place, root: '/srv/a,b' }, options);
  expect(argv).toContain('type=bind,"source=/srv/a,b","target=/srv/a,b",readonly');
});

test("files of a user's podman belong to that user", () => {
  const of = (isRoot: boolean) =>
    containerCommand(command, place, { ...options, engine: 'podman', isRoot }).argv;
  expect(of(false)).toEqual(expect.arrayContaining(['podman', '--userns', 'keep-id']));
  expect(of(true)).not.toContain('keep-id');
});
