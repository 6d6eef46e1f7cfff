/**
 * Isolation: two calls that begin in the same millisecond, again and again; nothing of one may be in the record of the other.
 *
 *   node scripts/campaigns/isolation.ts [rounds=100] [seconds=2]
 *
 * Real SIP and RTP on two telephones, real WebSockets and DTLS-SRTP of simulated agents and phones. Every voice packet, every
 * camera packet and one card on the stage carries a text that names its call; afterwards **every byte of every file** of both
 * records is searched for all four texts of the other call, and for its own, which must be there.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { readCallFiles, readManifest } from '../../test/harness/archive-reader.ts'
import { until } from '../../test/harness/until.ts'
import { BenchServer } from '../bench/bench-server.ts'
import { printTable, spreadCells, surroundings, writeReport } from '../bench/report.ts'
import { Pacer } from '../bench/simulated/pacer.ts'
import { type SimulatedSession, startSession } from '../bench/simulated/session.ts'
import { vp8Film } from '../bench/simulated/vp8-film.ts'
import { endAfter } from '../bench/time-limit.ts'
import { decodeG711 } from '../simulated-caller/g711.ts'
import type { SampleSource } from '../simulated-caller/sample-source.ts'

const rounds = Number(process.argv[2] ?? 100)
const seconds = Number(process.argv[3] ?? 2)
const finished = endAfter((rounds * (seconds + 12) + 120) * 1000)

/** G.711 octets that read as text: they come through untranscoded, so the text can be searched for in the record. */
function saying(text: string): SampleSource {
  const samples = decodeG711('PCMU', Buffer.from(text))
  return (from, count) => Int16Array.from({ length: count }, (_, i) => samples[(from + i) % samples.length] ?? 0)
}
const repeated = (text: string, bytes: number) => Buffer.alloc(bytes, text)
const textsOf = (round: number, side: number) => {
  const name = `${round}.${side}`.padStart(8, '.')
  return { caller: `<CALLER${name}>`, agent: `<AGENT${name}>`, camera: `<CAMERA${name}>`, card: `<CARD${name}>` }
}

/** Lets nobody pass before all have come. */
function barrier(count: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let waiting = 0
  return () => {
    waiting += 1
    if (waiting === count) resolve()
    return promise
  }
}

const before = surroundings()
const film = await vp8Film(400)
const server = await BenchServer.start({ agents: 2 })
const apartMs: number[] = []
const tally = { rounds: 0, records: 0, files: 0, bytes: 0, foreign: 0, missing: 0, findings: 0 }

async function play(session: SimulatedSession, texts: ReturnType<typeof textsOf>, pacer: Pacer): Promise<void> {
  pacer.every(20, 0, () => session.agent.speak(repeated(texts.agent, 160)))
  pacer.every(15, 0.5, () =>
    session.camera.sendPacket(payload => Buffer.concat([payload.subarray(0, 40), repeated(texts.camera, 96)])),
  )
  pacer.every(1000, 0, () => session.camera.sendReport())
  await session.agent.signaling.request('push.card', {
    callId: session.agent.callId,
    card: { kind: 'text', about: 'text', title: texts.card, rows: [{ label: 'text', value: texts.card, copy: false }] },
  })
}

async function round(number: number): Promise<void> {
  const texts = [textsOf(number, 0), textsOf(number, 1)] as const
  const known = new Set(await server.server.archives().catch(() => []))
  const pacer = new Pacer()
  const bothReady = barrier(texts.length)
  const sessions = await Promise.all(
    texts.map((mine, side) => startSession(server, side, film, saying(mine.caller), bothReady)),
  )
  try {
    await Promise.all(sessions.map((session, side) => play(session, texts[side] ?? texts[0], pacer)))
    await sleep(seconds * 1000)
    pacer.close()
    await Promise.all(sessions.map(one => one.agent.hangUp()))
    await Promise.all(sessions.map(one => one.call.ended))
  } finally {
    pacer.close()
    for (const session of sessions) session.close()
  }
  const records = await until(
    'both records sealed',
    async () => {
      const fresh = (await server.server.archives()).filter(folder => !known.has(folder))
      const sealed = await Promise.all(
        fresh.map(async folder => ({ folder, manifest: await readManifest(folder).catch(() => undefined) })),
      )
      return sealed.filter(one => one.manifest).length === 2 && sealed
    },
    { timeoutMs: 30_000, everyMs: 150 },
  )
  const answered = records.map(({ manifest }) => Date.parse(manifest?.answeredAt ?? ''))
  apartMs.push(Math.abs((answered[0] ?? 0) - (answered[1] ?? 0)))
  for (const { folder, manifest } of records) {
    const side = manifest?.from.endsWith('1') ? 1 : 0
    tally.records += 1
    for (const finding of manifest?.findings ?? []) {
      tally.findings += 1
      console.log(`FINDING in round ${number}: ${JSON.stringify(finding)} of ${folder}`)
    }
    await search(folder, texts[side], texts[1 - side] ?? texts[0])
  }
  tally.rounds += 1
}

async function search(
  folder: string,
  own: ReturnType<typeof textsOf>,
  other: ReturnType<typeof textsOf>,
): Promise<void> {
  const missing = new Set(Object.values(own))
  for (const { path, bytes } of await readCallFiles(folder)) {
    tally.files += 1
    tally.bytes += bytes.length
    for (const text of missing) if (bytes.includes(text)) missing.delete(text)
    for (const text of Object.values(other)) {
      if (!bytes.includes(text)) continue
      tally.foreign += 1
      console.log(`FOREIGN: ${text} in ${path} of ${folder}`)
    }
  }
  tally.missing += missing.size
  if (missing.size > 0) console.log(`missing in ${folder}: ${[...missing].join(' ')}`)
}

try {
  for (let number = 1; number <= rounds; number++) {
    await round(number)
    if (number % 10 === 0) console.log(`${number} rounds, ${tally.foreign} foreign texts`)
  }
} catch (error) {
  console.error(error, server.server.output.join('').slice(-3000))
  process.exitCode = 1
} finally {
  await server.close()
  finished()
}
printTable('Isolation: two calls at once', [tally])
printTable('Time between the two answers (ms)', [spreadCells(apartMs, 0)])
await writeReport('isolation', { surroundings: before, rounds, seconds, tally, apartMs })
if (tally.foreign > 0 || tally.missing > 0 || tally.rounds < rounds) process.exitCode = 1
