import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AwsV4Signer } from 'aws4fetch';
import { vi } from 'vitest';
import { freePort } from '../../agent/test-support/free-port.ts';
import type { S3Place } from '../../server/blobs/s3/s3-place.ts';

const run = promisify(execFile);
const keys = { accessKeyId: 'QGKEY', secretAccessKey: 'QGSECRET' };

/** A real object store on this machine: Ceph with a monitor, an OSD in memory and its gateway for S3. */
export interface Ceph {
  /** A new and empty bucket. */
  bucket(): Promise<S3Place>;
  stop(): Promise<void>;
}

/** Needs the Debian packages radosgw, ceph-mon and ceph-osd; about 13 s. `folder`: new and empty. */
export async function startCeph(folder: string): Promise<Ceph> {
  const [mon, gateway] = [await freePort(), await freePort()];
  const config = join(folder, 'ceph.conf');
  const keyring = join(folder, 'keyring');
  for (const name of ['mon', 'osd', 'run']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(config, configOf(folder, mon, gateway));
  const daemons: { readonly ended: Promise<void>; kill(): void }[] = [];
  const daemon = (name: string, ...args: string[]): void => {
    const log = openSync(join(folder, 'run', `${name}.out`), 'a');
    const child = spawn(name, ['-c', config, ...args, '-f'], { stdio: ['ignore', log, log] });
    const ended = new Promise<void>((resolve) =>
      child.once('close', () => resolve()).once('error', () => resolve()),
    );
    daemons.push({ ended, kill: () => void child.kill('SIGKILL') });
  };
  const call = (name: string, ...args: string[]) => run(name, ['-c', config, ...args], { timeout: 60_000 });

  await makeKeys(keyring);
  await run('monmaptool', [
    '--create',
    '--addv',
    'a',
    `[v2:127.0.0.1:${mon}/0]`,
    '--fsid',
    fsid,
    join(folder, 'monmap'),
  ]);
  await call('ceph-mon', '--mkfs', '-i', 'a', '--monmap', join(folder, 'monmap'), '--keyring', keyring);
  daemon('ceph-mon', '-i', 'a');
  const until = (met: () => Promise<unknown>) => vi.waitFor(met, { timeout: 60_000, interval: 200 });
  await until(() => call('ceph', '--connect-timeout', '2', 'mon', 'stat'));
  const osd = randomUUID();
  await call('ceph', 'osd', 'new', osd);
  await call('ceph-osd', '-i', '0', '--osd-uuid', osd, '--mkfs');
  daemon('ceph-osd', '-i', '0');
  await until(async () => {
    const { stdout } = await call('ceph', 'osd', 'stat');
    if (!stdout.includes('1 up')) throw new Error(stdout);
  });
  const { accessKeyId, secretAccessKey } = keys;
  const user = [
    '--uid=qg',
    '--display-name=qg',
    `--access-key=${accessKeyId}`,
    `--secret=${secretAccessKey}`,
  ];
  await call('radosgw-admin', 'user', 'create', ...user);
  daemon('radosgw', '-n', 'client.rgw');
  const endpoint = `http://127.0.0.1:${gateway}`;
  await until(() => fetch(endpoint));
  return {
    async bucket() {
      const bucket = `b-${randomUUID()}`;
      const signer = new AwsV4Signer({ ...keys, service: 's3', method: 'PUT', url: `${endpoint}/${bucket}` });
      const { url, method, headers } = await signer.sign();
      const { status } = await fetch(url, { method, headers });
      if (status !== 200) throw new Error(`the bucket was answered with ${status}`);
      return { endpoint, region: undefined, bucket, prefix: '', ...keys };
    },
    async stop() {
      for (const { kill } of daemons) kill();
      await Promise.all(daemons.map(({ ended }) => ended));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const fsid = randomUUID();

async function makeKeys(keyring: string): Promise<void> {
  const tool = (...args: string[]) => run('ceph-authtool', args);
  await tool('--create-keyring', keyring, '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *');
  const caps = ['mon', 'osd', 'mgr'].flatMap((one) => ['--cap', one, 'allow *']);
  for (const name of ['client.admin', 'client.rgw', 'osd.0'])
    await tool(keyring, '--gen-key', '-n', name, ...caps);
}

/** One host, nothing twice, nothing on disk but the monitor's own. */
const configOf = (folder: string, mon: number, gateway: number): string => `[global]
fsid = ${fsid}
mon host = [v2:127.0.0.1:${mon}/0]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
auth allow insecure global id reclaim = false
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
mon data avail warn = 1
run dir = ${folder}/run
admin socket = ${folder}/run/$cluster-$name.asok
log file = ${folder}/run/$name.log
keyring = ${folder}/keyring
mon data = ${folder}/mon
osd data = ${folder}/osd
crash dir = ${folder}/run
rgw frontends = beast endpoint=127.0.0.1:${gateway}
rgw enable usage log = false
rgw thread pool size = 16
`;
