import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { answeredCall, rtpPacket, temporaryFolder } from '../fixture.ts'
import { verifyArchive } from '../seal/verify-archive.ts'
import { FileSource } from '../vault/byte-source.ts'
import { PlainCallFiles } from '../vault/plain-call-files.ts'
import { findDamage } from './find-damage.ts'
import { Flusher } from './flusher.ts'
import { readRtpJournal } from './read-rtp-journal.ts'
import { RtpJournal } from './rtp-journal.ts'
import { RTPJ_FORMAT, type RtpjHeader } from './rtpj-format.ts'

const HEADER: RtpjHeader = {
  format: RTPJ_FORMAT,
  callId: 'call_1',
  track: 'caller-camera',
  segment: 1,
  codec: 'VP8',
  payloadType: 96,
  clockRate: 90_000,
  ssrc: 5,
  wallClock: '2026-01-02T03:04:05.678Z',
  openedAtMs: 0,
}

async function openJournal(
  t: { teardown(fn: () => unknown): void },
  o: { path?: string; maxQueuedBytes?: number } = {},
) {
  const folder = await temporaryFolder(t)
  const clock = { ms: 0 }
  const degraded: string[] = []
  const flusher = new Flusher({ flushMs: 25 })
  const path = o.path ?? join(folder, 'a.rtpj')
  const journal = new RtpJournal({
    ...{ path, file: 'tracks/a.rtpj', header: HEADER, flusher, blockBytes: 16_384 },
    nowMs: () => clock.ms,
    maxQueuedBytes: o.maxQueuedBytes ?? 1 << 20,
    onDegraded: reason => degraded.push(reason),
  })
  return { path, journal, clock, degraded, flusher }
}

async function recordsOf(path: string) {
  const reader = await readRtpJournal(path)
  const records = []
  for await (const record of reader) records.push({ ...record, body: Buffer.from(record.body) })
  return { header: reader.header, records, torn: reader.torn }
}

async function damageIn(path: string) {
  const source = await FileSource.open(path)
  try {
    return await findDamage(source)
  } finally {
    await source.close()
  }
}

t.test('[RE12] what is read is what was written: packets, RTCP, events, filler mark, microseconds', async t => {
  const { path, journal, clock } = await openJournal(t)
  const packet = rtpPacket({ sequence: 7, timestamp: 9, payload: Buffer.from('voice') })
  clock.ms = 1.234567
  journal.rtp(packet)
  packet.fill(0)
  clock.ms = 2
  journal.rtp(Buffer.from('silence'), 'filler')
  journal.rtcp(Buffer.from('report'))
  journal.event({ type: 'held', by: 'caller' })
  clock.ms = 1
  journal.rtp(Buffer.alloc(60_000, 7))
  const record = await journal.close()
  t.match(record, { packets: 3, packetsReceived: 3, rtcpPackets: 1, startsAtMs: 1.235, endsAtMs: 2 })
  const { header, records, torn } = await recordsOf(path)
  t.strictSame(header, HEADER)
  t.equal(torn, undefined)
  t.match(records.slice(0, 4), [
    { kind: 'rtp', atMs: 1.235, filler: false },
    { kind: 'rtp', atMs: 2, filler: true },
    { kind: 'rtcp', atMs: 2 },
    { kind: 'event', atMs: 2 },
  ])
  t.equal(records[0]?.body.subarray(12).toString(), 'voice', 'the packet was copied before it was reused')
  t.match(JSON.parse(records[3]?.body.toString() ?? ''), { type: 'held', by: 'caller' })
  t.equal(records[4]?.atMs, 2, 'time never runs backwards')
  t.equal(records[4]?.body.length, 60_000, 'larger than a block')
  t.equal(await damageIn(path), undefined)
})

t.test('[RE13] bytes reach the file within the flush interval, without anybody closing', async t => {
  const { path, journal, flusher } = await openJournal(t)
  journal.rtp(Buffer.alloc(500))
  const startedMs = performance.now()
  while (statSync(path).size < journal.stats.fileBytes) await setTimeout(5)
  t.ok(performance.now() - startedMs < 1000)
  await journal.close()
  t.equal(flusher.size, 0)
})

t.test('[RE14] when the disk does not keep up, packets are dropped, counted, told, and the file says so', async t => {
  const { path, journal, clock, degraded } = await openJournal(t, { maxQueuedBytes: 100_000 })
  // No turn of the event loop: nothing can be written meanwhile.
  for (let i = 0; i < 300; i++) {
    clock.ms += 5
    journal.rtp(Buffer.alloc(1000, i))
  }
  const { packetsLost, packetsReceived } = journal.stats
  t.equal(packetsReceived, 300)
  t.ok(packetsLost > 150, `${packetsLost} lost`)
  await setTimeout(100)
  t.equal(degraded.length, 1, 'told once')
  clock.ms += 5
  journal.rtp(Buffer.alloc(1000))
  const record = await journal.close()
  t.match(record, { packets: 301 - packetsLost, packetsReceived: 301 })
  const { records } = await recordsOf(path)
  const loss = records.filter(({ kind }) => kind === 'event').map(({ body }) => JSON.parse(body.toString()))[0]
  t.match(loss, { type: 'loss', packets: packetsLost, reason: 'queue-full' })
  t.equal(await damageIn(path), undefined)
})

t.test('[RE15] a track that cannot be opened neither throws nor stops the call', async t => {
  const { journal, degraded, flusher } = await openJournal(t, { path: '/nowhere/a.rtpj' })
  journal.rtp(Buffer.alloc(10))
  journal.event({ type: 'held' })
  t.match(await journal.close(), { packets: 0, packetsReceived: 1 })
  t.strictSame(degraded, ['cannot open tracks/a.rtpj: ENOENT'])
  t.equal(flusher.size, 0)
})

t.test('[RE16] after close nothing is written and closing twice is one close', async t => {
  const { path, journal } = await openJournal(t)
  const closing = journal.close()
  t.equal(journal.close(), closing)
  await closing
  const size = statSync(path).size
  journal.rtp(Buffer.alloc(100))
  journal.flush()
  await setTimeout(60)
  t.equal(statSync(path).size, size)
})

t.test('[RE17] a full disk: the call goes on, and once there is room the file goes on where it stopped', async t => {
  const root = await temporaryFolder(t)
  // A limit on the size of files is the full disk that a test may have: write() fails for real.
  const script = fileURLToPath(new URL('./full-disk-call.ts', import.meta.url))
  const child = spawn('sh', ['-c', 'ulimit -S -f 128 && exec "$0" "$@"', process.execPath, script, root], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const next = async () => ((await once(child, 'message')) as [Record<string, unknown>])[0]
  t.match(await next(), { degraded: 'cannot write tracks/caller-camera-1.rtpj: EFBIG' })
  // Dropping has begun; only then is there room again.
  t.match(await next(), { state: 'dropping' })
  t.equal(spawnSync('prlimit', [`--pid=${child.pid}`, '--fsize=unlimited']).status, 0)
  const done = (await next()) as { folder: string; packets: number; lost: number; record: { packets: number } }
  await once(child, 'exit')
  t.ok(done.lost > 0 && done.packets > 1000, `${done.packets} recorded, ${done.lost} lost`)
  t.equal(done.record.packets, done.packets)
  const { records, torn } = await recordsOf(join(done.folder, 'tracks/caller-camera-1.rtpj'))
  t.equal(torn, undefined)
  t.equal(records.filter(({ kind }) => kind === 'rtp').length, done.packets)
  t.equal(await damageIn(join(done.folder, 'tracks/caller-camera-1.rtpj')), undefined)
  t.ok((await verifyArchive(new PlainCallFiles(done.folder))).intact)
})

t.test('[RE18] a second camera of the same call gets a file of its own', async t => {
  const call = await answeredCall(t)
  call.answer()
  const video = { track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 } as const
  t.strictSame(
    [call.archive.openTrack(video).file, call.archive.openTrack(video).file],
    ['tracks/caller-camera-1.rtpj', 'tracks/caller-camera-2.rtpj'],
  )
  await call.archive.discard()
})
