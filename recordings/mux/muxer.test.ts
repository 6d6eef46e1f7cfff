import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { answeredCall, quietLog, temporaryFolder } from '../fixture.ts'
import { WorkFolder } from '../vault/work-folder.ts'
import { beepingVoice, FFMPEG, play, replayRequest } from './fixture.ts'
import { Muxer } from './muxer.ts'

t.setTimeout(120_000)

type Test = { teardown(fn: () => unknown): void }

async function sealedCall(t: Test, ms = 10_000) {
  const call = await answeredCall(t)
  call.answer()
  const { archive } = call
  await play(call.clock, beepingVoice({ archive, track: 'caller-voice', fromMs: 0, toMs: ms, delayMs: () => 20 }))
  await archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  return archive.folder
}

/** An ffmpeg that waits before it works, so that there is time to look at it; its pid stands in a file. */
async function slowFfmpeg(t: Test, seconds: number) {
  const folder = await temporaryFolder(t)
  const bin = join(folder, 'slow-ffmpeg')
  const pidFile = join(folder, 'pid')
  await writeFile(
    bin,
    `#!/bin/sh\necho $$ > ${pidFile}.new && mv ${pidFile}.new ${pidFile}\nsleep ${seconds}\nexec ${FFMPEG} "$@"\n`,
  )
  await chmod(bin, 0o755)
  const pid = async (): Promise<number> => {
    for (;;) {
      const said = await readFile(pidFile, 'utf8').catch(() => '')
      if (said !== '') return Number(said)
      await sleep(10)
    }
  }
  return { bin, pid }
}

async function openMuxer(t: Test, ffmpegBin: string) {
  const root = await temporaryFolder(t)
  const muxer = Muxer.create({ ffmpegBin, logger: quietLog, work: await WorkFolder.open(root) })
  t.teardown(() => muxer.close())
  /** Everything in the work folder of jobs. */
  const left = async () =>
    (await readdir(root, { recursive: true, withFileTypes: true })).filter(
      entry => entry.name !== 'call.lock' && !entry.name.startsWith('tp-'),
    )
  return { root, muxer, left }
}

const parentOf = async (pid: number) =>
  Number(/^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
const derivedOf = (folder: string) => readdir(join(folder, 'derived')).catch(() => [])

t.test(
  '[DL7] a child that is killed, and an ffmpeg that is killed, leave a typed failure and nothing else',
  async t => {
    const folder = await sealedCall(t)
    for (const victim of ['child', 'ffmpeg'] as const) {
      const ffmpeg = await slowFfmpeg(t, 20)
      const { muxer, left } = await openMuxer(t, ffmpeg.bin)
      const job = muxer.mux(replayRequest(folder))
      const failed = t.rejects(job, { name: 'MuxError', code: victim === 'child' ? 'crashed' : 'ffmpeg-failed' })
      const pid = await ffmpeg.pid()
      process.kill(victim === 'child' ? await parentOf(pid) : pid, 'SIGKILL')
      await failed
      t.strictSame(await derivedOf(folder), [], 'no half file under a final name')
      t.strictSame(await left(), [], 'nothing left in the work folder')
    }
  },
)

t.test('[DL7] a full disk in the work folder is told as such', async t => {
  const folder = await sealedCall(t, 30_000)
  const root = await temporaryFolder(t)
  const script = fileURLToPath(new URL('./full-disk-mux.ts', import.meta.url))
  // A file may not grow beyond 32 KiB, for the muxer's child and ffmpeg alike.
  const child = spawn('sh', ['-c', 'ulimit -f 64 && exec "$0" "$@"', process.execPath, script, root, folder, FFMPEG], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = (await once(child, 'message')) as [{ code: string; left: string[] }]
  t.strictSame(said, { code: 'disk-full', left: [] })
  t.strictSame(await derivedOf(folder), [])
})

t.test('[DL11] the order is on no command line, the work folder is private and only dead ones are emptied', async t => {
  const folder = await sealedCall(t)
  const ffmpeg = await slowFfmpeg(t, 20)
  const { root, muxer } = await openMuxer(t, ffmpeg.bin)
  // What a dead server left, and what is somebody else's.
  await mkdir(join(root, 'tp-0123456789abcdef/job'), { recursive: true })
  await writeFile(join(root, 'tp-0123456789abcdef/call.lock'), JSON.stringify({ pid: 1, startTime: '0', bootId: 'x' }))
  await writeFile(join(root, 'notes.txt'), 'not ours')
  const failed = t.rejects(muxer.mux(replayRequest(folder)), { code: 'closed' })
  const pid = await ffmpeg.pid()
  const commandLine = await readFile(`/proc/${await parentOf(pid)}/cmdline`, 'utf8')
  t.match(commandLine, /mux-process/)
  t.notMatch(commandLine, folder, 'not even where the record lies')
  const another = await WorkFolder.open(root)
  const names = await readdir(root)
  t.equal(names.length, 3, names.join(' '))
  t.notOk(names.includes('tp-0123456789abcdef'))
  t.ok(names.includes('notes.txt'))
  for (const name of names.filter(name => name.startsWith('tp-')))
    t.equal((await stat(join(root, name))).mode & 0o777, 0o700)
  await another.close()
  await muxer.close()
  await failed
})

t.test('[DL12] the child and its ffmpeg wait behind live calls', async t => {
  const folder = await sealedCall(t)
  const ffmpeg = await slowFfmpeg(t, 20)
  const { muxer } = await openMuxer(t, ffmpeg.bin)
  const failed = t.rejects(muxer.mux(replayRequest(folder)), { code: 'closed' })
  const pid = await ffmpeg.pid()
  t.strictSame([getPriority(await parentOf(pid)), getPriority(pid)], [15, 15])
  t.equal(getPriority(), 0)
  await muxer.close()
  await failed
})
