import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { indexTrack } from '../../recordings/mux/packet-runs.ts'
import { drawVoiceLine } from '../../recordings/mux/voice-line.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { Scenarios } from '../../server/scenarios/scenarios.ts'
import { capturePauses } from '../../signaling/protocol/capture-spans.ts'
import { InnerServer } from '../harness/app.ts'
import { filesOfCall, readEntries, readManifest, voiceOf } from '../harness/archive-reader.ts'
import { type Person, RecordingClient } from '../harness/recording-client.ts'
import { dominantHz, mostInAPacket, shareInPieces } from '../harness/tone.ts'
import { toneFrames } from '../harness/tone-frames.ts'

// What a recording client does in the middle of a call, and what it is refused: no page is open, the record is what counts.
t.setTimeout(300_000)
const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg'
const agents = [{ pattern: '20*', agent: 'agent' }]
const folderOfScenarios = await mkdtemp(join(tmpdir(), 'scenarios-'))
t.teardown(() => rm(folderOfScenarios, { recursive: true, force: true }))
const scenariosFile = join(folderOfScenarios, 'scenarios.json')
const [usual] = (await Scenarios.load()).all
const cardShutter = { maxMs: 60_000, pauseKeys: '*1', resumeKeys: '*0' }
await writeFile(scenariosFile, JSON.stringify([{ ...usual, cardShutter }]))
const server = await InnerServer.start({
  scenariosFile,
  external: { integrations: new Map(), siprec: { clients: ['127.0.0.1'], agents } },
})
t.teardown(() => server.close())

const ANN: Person = { id: 'agent-1==', aor: 'sip:2001@pbx.example', name: 'Ann', says: tone(1500) }
const BOB: Person = { id: 'caller-1==', aor: 'tel:+8613800138055', name: 'Bob', says: tone(600) }
const EVE: Person = { id: 'other-1==', aor: 'tel:+8613800138056', name: 'Eve', says: tone(2300) }

type ClientOptions = Partial<Parameters<typeof RecordingClient.create>[0]>
let calls = 0
async function recorded(o: ClientOptions, during: (src: RecordingClient) => Promise<void>) {
  const sessionId = `session-${++calls}`
  const src = await RecordingClient.create({ sipPort: server.sipPort, people: [ANN, BOB], sessionId, ...o })
  t.teardown(() => src.close())
  t.equal(await src.invite(), 200)
  await sleep(1_200)
  await during(src)
  await src.bye()
  const folder = await server.sealedArchive({
    which: async one => (await readManifest(one).catch(() => undefined))?.external?.id === sessionId,
    timeoutMs: 60_000,
  })
  return { folder, manifest: await readManifest(folder), entries: await readEntries(folder) }
}
const spoken = async (folder: string, who: 'caller' | 'agent') =>
  (await voiceOf(folder, `tracks/${who}-voice-1.rtpj`)).samples
/** The tones of these people, loud or not there at all, in any packet of a track. */
const heard = async (folder: string, who: 'caller' | 'agent') => {
  const samples = await spoken(folder, who)
  return [ANN, BOB, EVE]
    .filter((_, n) => mostInAPacket([1500, 600, 2300][n] ?? 0, samples, 8000) > 0.9)
    .map(p => p.name)
}

t.test(
  '[EX11] a client that is not on the list gets 403; without the setting siprec is an unknown extension',
  async t => {
    for (const { external, status } of [
      { external: { integrations: new Map(), siprec: { clients: ['192.0.2.7'], agents } }, status: 403 },
      { external: { integrations: new Map() }, status: 420 },
    ]) {
      const other = await InnerServer.start({ external })
      const src = await RecordingClient.create({ sipPort: other.sipPort, people: [ANN, BOB] })
      try {
        t.equal(await src.invite(), status)
        t.same(await other.archives(), [], 'nothing was opened')
      } finally {
        src.close()
        await other.close()
      }
    }
  },
)

for (const codec of ['G722', 'opus'] as const) {
  t.test(`[EX12] a client’s voices in ${codec} stand in the record and can be heard there`, async t => {
    const people = [
      { ...ANN, frames: await toneFrames(codec, 1500) },
      { ...BOB, frames: await toneFrames(codec, 600) },
    ]
    const { folder, manifest } = await recorded({ codec, people }, () => sleep(2_000))
    t.same(manifest.findings, [])
    const files = await filesOfCall(folder)
    for (const [name, hz, not] of [
      ['caller-voice', 600, 1500],
      ['agent-voice', 1500, 600],
    ] as const) {
      const index = await indexTrack(files, `tracks/${name}-1.rtpj`, { heads: false })
      t.equal(index.header.codec, codec)
      const { pcm, packets } = drawVoiceLine(files, [index], index.endsAtMs, FFMPEG)
      t.ok(packets > 100, `${packets} packets`)
      const strongest: (number | undefined)[] = []
      for (let at = 0; at + 1600 <= pcm.length; at += 1600)
        strongest.push(dominantHz(pcm.subarray(at, at + 1600), 8000))
      const blocks = (of: number) => strongest.filter(one => one !== undefined && Math.abs(one - of) < 20).length
      t.ok(blocks(hz) >= 8, `${name}: ${blocks(hz)} blocks of 200 ms with ${hz} Hz`)
      t.equal(blocks(not), 0, `${name}: none with the other's`)
    }
  })
}

t.test('[EX15] a re-INVITE adds a line for somebody who was not there, and takes one away', async t => {
  const { folder, manifest, entries } = await recorded({ people: [ANN] }, async src => {
    await src.addLine(BOB)
    const added = await src.change({})
    t.equal(added.body.toString().match(/a=recvonly/g)?.length, 2)
    await sleep(1_500)
    src.setLine(0, { off: true })
    const removed = await src.change({})
    t.match(removed.body.toString(), /m=audio 0 [\s\S]*m=audio [1-9]/, 'the line that was given up is refused')
    await sleep(1_500)
  })
  t.same(await heard(folder, 'agent'), ['Ann'])
  t.same(await heard(folder, 'caller'), ['Bob'])
  t.same(
    entries.flatMap(one => (one.type === 'voice.speakers' ? [one.lines.map(line => line.speaker)] : [])),
    [['agent', 'caller'], ['caller']],
  )
  t.notOk(
    manifest.findings?.some(one => one.kind === 'speaker-changed'),
    'nobody took the place of another',
  )
})

t.test('[EX16] people who change lines in mid-call stay in their own tracks, and the journal says so', async t => {
  const { folder, manifest, entries } = await recorded({}, async src => {
    src.setLine(0, { person: BOB })
    src.setLine(1, { person: ANN })
    await src.change({})
    await sleep(1_500)
  })
  for (const [who, hz] of [
    ['caller', 600],
    ['agent', 1500],
  ] as const) {
    // Between the client's word and its first packet of the other voice a few packets may lie.
    const samples = await spoken(folder, who)
    const share = shareInPieces(hz, samples, 8000)
    t.ok(share > 0.9, `${who}: ${share.toFixed(2)} of ${samples.length} samples`)
  }
  t.match(
    entries.filter(one => one.type === 'voice.speakers'),
    [
      {
        lines: [
          { label: '96', track: 'caller-voice' },
          { label: '97', track: 'agent-voice' },
        ],
        changed: [],
      },
    ],
  )
  t.same(manifest.findings, [])
})

t.test('[EX16] somebody else in the caller’s line is a journal entry and a finding', async t => {
  const { folder, manifest, entries } = await recorded({}, async src => {
    src.setLine(1, { person: EVE })
    await src.change({})
    await sleep(1_500)
  })
  t.same(await heard(folder, 'agent'), ['Ann'])
  t.same(await heard(folder, 'caller'), ['Bob', 'Eve'])
  t.match(
    entries.filter(one => one.type === 'voice.speakers'),
    [{ lines: [{ speaker: 'agent' }, { label: '97', speaker: 'other' }], changed: ['caller-voice'] }],
  )
  t.match(manifest.findings, [{ kind: 'speaker-changed', track: 'caller-voice', times: 1 }])
  t.notMatch(JSON.stringify(entries), EVE.aor, 'the number of a third person is in no entry')
})

t.test('[EX17] the caller’s keys work the card shutter; nothing of what lay between is in the tracks', async t => {
  const secret = { hz: 0 }
  const caller: Person = { ...BOB, says: (from, count) => tone(secret.hz || 600)(from, count) }
  const { folder, entries } = await recorded({ people: [ANN, caller] }, async src => {
    await src.press(0, '*1')
    await sleep(600)
    await src.press(1, '*1')
    secret.hz = 2300
    await sleep(400)
    await src.press(1, '4929')
    await sleep(1_200)
    secret.hz = 0
    await src.press(1, '*0')
    await sleep(1_500)
  })
  const pauses = capturePauses(entries)
  t.match(pauses, [{ trigger: 'caller-keys', because: 'caller-keys' }], 'once: the agent’s keys work nothing')
  const samples = await spoken(folder, 'caller')
  t.ok(shareInPieces(600, samples, 8000) > 0.9)
  t.ok(mostInAPacket(2300, samples, 8000) < 0.3, 'the tone from behind is not there')
  const text = JSON.stringify(entries)
  t.notMatch(text, /"digit"|"dtmf"/, 'the journal names no key')
  const bytes = await (await filesOfCall(folder)).read('tracks/caller-voice-1.rtpj')
  const digits = [...bytes.toString('latin1').matchAll(/"digit":"(.)"/g)].map(one => one[1])
  t.notOk(
    digits.some(one => /[49]/.test(one ?? '')),
    `the track names no key of the card: ${digits.join('')}`,
  )
})
