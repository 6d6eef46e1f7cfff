import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { answeredCall, talk } from '../fixture.ts'

type Call = Awaited<ReturnType<typeof answeredCall>>

async function talked(t: Parameters<typeof answeredCall>[0], packets = 150) {
  const call = await answeredCall(t)
  call.answer()
  talk(call, packets)
  return call
}
const sealed = (call: Call) => call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })

t.test('[NL2] a call that adds up says so with an empty list', async t => {
  const call = await talked(t)
  call.archive.forwarded('tracks/caller-voice-1.rtpj', 150)
  call.archive.forwarded('tracks/agent-voice-1.rtpj', 150)
  const manifest = await sealed(call)
  t.same(manifest.findings, [])
  t.same(manifest.remarks, [])
})

t.test('[NL2] packets that the media side counted and the recorder never got are a finding and a remark', async t => {
  const call = await talked(t)
  call.archive.forwarded('tracks/caller-voice-1.rtpj', 152)
  call.archive.forwarded('tracks/caller-camera-1.rtpj', 9)
  const manifest = await sealed(call)
  t.same(manifest.findings, [
    { kind: 'packets-unaccounted', file: 'tracks/caller-voice-1.rtpj', forwarded: 152, received: 150 },
    { kind: 'packets-unaccounted', file: 'tracks/caller-camera-1.rtpj', forwarded: 9, received: 0 },
  ])
  t.match(manifest.remarks[0], /counted 152 packets, the recorder received 150/)
})

t.test('[NL2] files that vanish or change between writing and sealing', async t => {
  const call = await talked(t)
  await call.archive.addFile('pages/one.webp', Buffer.from('one'))
  await call.archive.addFile('pages/two.webp', Buffer.from('two'))
  writeFileSync(join(call.archive.folder, 'pages/one.webp'), 'One')
  rmSync(join(call.archive.folder, 'pages/two.webp'))
  const track = join(call.archive.folder, 'tracks/caller-voice-1.rtpj')
  await call.archive.closeTracks()
  const bytes = readFileSync(track)
  bytes[900] = (bytes[900] ?? 0) ^ 1
  writeFileSync(track, bytes)
  const { findings } = await sealed(call)
  t.same(findings, [
    { kind: 'file-differs', file: 'pages/one.webp' },
    { kind: 'file-missing', file: 'pages/two.webp' },
    { kind: 'file-differs', file: 'tracks/caller-voice-1.rtpj' },
  ])
})

t.test('[NL2] a voice that begins late or ends early, and a track opened but empty', async t => {
  const call = await answeredCall(t)
  call.answer()
  call.clock.ms = 3000
  talk(call, 50)
  call.archive.openTrack({ track: 'agent-screen', codec: 'VP8', payloadType: 96, clockRate: 90_000 })
  call.clock.ms = 9000
  const { findings } = await sealed(call)
  t.same(findings, [
    { kind: 'track-late', track: 'caller-voice', byMs: 3020 },
    { kind: 'track-short', track: 'caller-voice', byMs: 5000 },
    { kind: 'track-late', track: 'agent-voice', byMs: 3020 },
    { kind: 'track-short', track: 'agent-voice', byMs: 5000 },
  ])
})

t.test(
  '[NL2] a recording begun by hand: the voice is late by nothing, from the moment it was to be recorded',
  async t => {
    const call = await answeredCall(t)
    call.answer()
    call.clock.ms = 3
    const voice = { parts: ['voice' as const], because: 'policy' as const }
    call.archive.journal.append({ type: 'recording.stopped', ...voice })
    call.clock.ms = 5600
    call.archive.journal.append({ type: 'recording.started', parts: ['voice'], because: 'agent' })
    talk(call, 150)
    const { findings } = await sealed(call)
    t.same(findings, [])
  },
)

t.test('[NL2] a picture that the journal speaks of and the folder does not hold', async t => {
  const call = await talked(t)
  const picture = {
    file: 'pictures/page_1.webp',
    sha256: 'a'.repeat(64),
    ...({ type: 'image/webp', widthPx: 4, heightPx: 3, source: 'server-key-frame' } as const),
  }
  const page = { id: newId('page'), by: newId('part'), kind: 'camera', picture } as const
  call.archive.journal.append({ type: 'page.added', page })
  t.same((await sealed(call)).findings, [{ kind: 'file-missing', file: 'pictures/page_1.webp' }])
})

t.test('[NL2] a disk that takes seconds to close the tracks does not make a voice short', async t => {
  const call = await talked(t)
  const endedAtMs = call.clock.ms
  // `call.ended` is the last line: it comes when the tracks are closed.
  await call.archive.closeTracks()
  call.clock.ms += 4_000
  const end = { cause: 'caller-hung-up' } as const
  const { findings, durationMs } = await call.archive.seal({ end, endedAtMs, facts: call.facts, key: call.key })
  t.same(findings, [])
  t.equal(durationMs, endedAtMs + 4_000)
})

t.test('[NL2] a voice that ended before the call did is short, however quickly the disk closes', async t => {
  const call = await talked(t)
  call.clock.ms += 4_000
  const end = { cause: 'caller-hung-up' } as const
  const { findings } = await call.archive.seal({ end, endedAtMs: call.clock.ms, facts: call.facts, key: call.key })
  t.match(findings, [
    { kind: 'track-short', track: 'caller-voice' },
    { kind: 'track-short', track: 'agent-voice' },
  ])
})
