import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import type { S3Settings } from '../../recordings/store/s3-store.ts'
import { needTool } from './tools.ts'
import { until } from './until.ts'

const HOST = '127.0.0.1'
const FOLDER_PREFIX = 'tongping-ceph-'
const run = promisify(execFile)

/**
 * A whole Ceph of one monitor, one store in memory and one RADOS gateway on loopback: a real S3 server with signatures,
 * uploads in parts, versions and object lock. It is up in about twelve seconds; nothing of it outlives `close`, and no
 * process of it outlives ours, however that ends: a test that runs out of time is killed and closes nothing.
 */
export class CephStore {
  readonly endpoint: string
  readonly #keys = { accessKeyId: randomBytes(10).toString('hex'), secretAccessKey: randomBytes(20).toString('hex') }
  readonly #folder: string
  readonly #children: ChildProcess[] = []
  readonly #port: number

  private constructor(folder: string, port: number) {
    this.#folder = folder
    this.#port = port
    this.endpoint = `http://${HOST}:${port}`
  }

  static async start(): Promise<CephStore> {
    const [v2, v1, s3] = [await freePort(), await freePort(), await freePort()]
    await removeLeftovers()
    const ceph = new CephStore(await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`)), s3)
    try {
      await ceph.#open(`[v2:${HOST}:${v2},v1:${HOST}:${v1}]`)
    } catch (error) {
      await ceph.close()
      throw error
    }
    return ceph
  }

  /** Makes a bucket; with `objectLock` it also keeps versions. */
  async bucket(name: string, objectLock = false): Promise<S3Settings> {
    const client = new S3Client({
      endpoint: this.endpoint,
      region: 'default',
      credentials: this.#keys,
      forcePathStyle: true,
      requestChecksumCalculation: 'WHEN_REQUIRED',
    })
    await client.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: objectLock }))
    client.destroy()
    return { endpoint: this.endpoint, region: 'default', bucket: name, prefix: 'tongping', ...this.#keys }
  }

  /** Ids of its processes that live. */
  get pids(): number[] {
    return this.#children.flatMap(child => (hasLeft(child) ? [] : (child.pid ?? [])))
  }

  /** The gateway's process ends as by a power cut; what it stored is kept by the others. */
  async stopGateway(): Promise<void> {
    const gateway = this.#children.pop()
    if (gateway) await kill(gateway)
  }

  /** The same gateway at the same address again. */
  async startGateway(): Promise<void> {
    const gateway = this.#start('radosgw', '-n', 'client.rgw.a', '-f')
    await until(
      'the gateway to answer',
      async () => {
        if (hasLeft(gateway)) throw new Error('radosgw left')
        return fetch(this.endpoint).then(
          answer => answer.ok,
          () => false,
        )
      },
      { timeoutMs: 60_000 },
    )
  }

  async close(): Promise<void> {
    for (const child of this.#children.reverse()) await kill(child)
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #open(monitor: string): Promise<void> {
    for (const name of ['run', 'log', 'mon', 'osd', 'rgw']) await mkdir(join(this.#folder, name))
    const [cluster, osd] = [randomUUID(), randomUUID()]
    await writeFile(join(this.#folder, 'ceph.conf'), configuration(this.#folder, cluster, monitor, this.#port))
    const all = ['--cap', 'mon', 'allow *', '--cap', 'osd', 'allow *']
    await this.#tool('ceph-authtool', '-C', 'keyring', '--gen-key', '-n', 'mon.', '--cap', 'mon', 'allow *')
    for (const name of ['client.admin', 'osd.0', 'client.rgw.a'])
      await this.#tool('ceph-authtool', 'keyring', '--gen-key', '-n', name, ...all)
    await this.#tool('monmaptool', '--create', '--addv', 'a', monitor, '--fsid', cluster, 'monmap')
    await this.#tool('ceph-mon', '--mkfs', '-i', 'a', '--monmap', 'monmap', '--keyring', 'keyring')
    this.#start('ceph-mon', '-i', 'a', '-f')
    await this.#tool('ceph', '--connect-timeout', '30', 'osd', 'new', osd)
    await this.#tool('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd)
    this.#start('ceph-osd', '-i', '0', '-f')
    await this.#tool('ceph', 'osd', 'crush', 'add', 'osd.0', '1.0', 'root=default', 'host=localhost')
    const { accessKeyId, secretAccessKey } = this.#keys
    const user = ['--uid=tongping', '--display-name=tongping', `--access-key=${accessKeyId}`]
    await this.#tool('radosgw-admin', 'user', 'create', ...user, `--secret-key=${secretAccessKey}`)
    await this.startGateway()
  }

  #start(program: string, ...words: string[]): ChildProcess {
    // The kernel ends it with the process that started it: nothing of ours needs to be alive for that.
    const withUs = ['--pdeathsig', 'KILL', '--', needTool(program, PACKAGES[program] ?? 'ceph-common')]
    const child = spawn(needTool('setpriv', 'util-linux'), [...withUs, ...words], {
      cwd: this.#folder,
      env: this.#env,
      stdio: 'ignore',
    })
    this.#children.push(child)
    return child
  }

  async #tool(program: string, ...words: string[]): Promise<void> {
    const file = needTool(program, PACKAGES[program] ?? 'ceph-common')
    await run(file, words, { cwd: this.#folder, env: this.#env, timeout: 60_000 })
  }

  get #env() {
    return { ...process.env, CEPH_CONF: join(this.#folder, 'ceph.conf') }
  }
}

const PACKAGES: Readonly<Record<string, string>> = {
  'ceph-mon': 'ceph-mon',
  'ceph-osd': 'ceph-osd',
  radosgw: 'radosgw',
  monmaptool: 'ceph-base',
}

function hasLeft(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function kill(child: ChildProcess): Promise<void> {
  if (hasLeft(child)) return
  const left = once(child, 'exit')
  child.kill('SIGKILL')
  await left
}

/** Folders of processes that were killed before they could close. */
async function removeLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue
    const [pid] = name.slice(FOLDER_PREFIX.length).split('-')
    if (!isAlive(Number(pid))) await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function configuration(folder: string, cluster: string, monitor: string, port: number): string {
  return `[global]
fsid = ${cluster}
mon host = ${monitor}
public addr = ${HOST}
cluster addr = ${HOST}
osd pool default size = 1
osd pool default min size = 1
osd crush chooseleaf type = 0
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail warn = 1
mon data avail crit = 1
osd objectstore = memstore
memstore device bytes = 2147483648
osd class load list = *
osd class default list = *
run dir = ${folder}/run
admin socket = ${folder}/run/$cluster-$name.asok
pid file = ${folder}/run/$name.pid
log file = ${folder}/log/$name.log
mon cluster log file = ${folder}/log/cluster.log
log to stderr = false
mon data = ${folder}/mon
osd data = ${folder}/osd
rgw data = ${folder}/rgw
keyring = ${folder}/keyring
[client.rgw.a]
rgw frontends = beast endpoint=${HOST}:${port}
rgw dynamic resharding = false
rgw thread pool size = 16
# So that tests of uploads in parts need not send megabytes.
rgw multipart min part size = 65536
`
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
