import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import sharp from 'sharp'
import t from 'tap'
import { readRtpJournal } from '../../recordings/tracks/read-rtp-journal.ts'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import { readRtp } from '../../scripts/simulated-caller/rtp-packet.ts'
import { type SampleSource, tone } from '../../scripts/simulated-caller/sample-source.ts'
import { capturePauses } from '../../signaling/protocol/capture-spans.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { codesInFilm, readEntries, readManifest, soundIn, voiceOf } from '../harness/archive-reader.ts'
import { callUp } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { readCode } from '../harness/counter-code.ts'
import { codeIn } from '../harness/measure-page.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { shareOf } from '../harness/tone.ts'
import { until } from '../harness/until.ts'

t.setTimeout(400_000)

type Assert = Pick<typeof t, 'equal' | 'same' | 'ok' | 'notOk' | 'match' | 'notMatch' | 'comment'>

const TOKEN = 'a-token-of-the-operator-0123456789'
const [USUAL_HZ, SECRET_HZ] = [440, 1310]
const CARD_KEYS = '4929#'

const server = await InnerServer.start({ http: { apiToken: TOKEN } })
const agentBrowser = await TestBrowser.launch({ microphoneHz: 620 })
const phoneBrowser = await TestBrowser.launch({
  phone: true,
  camera: { camera: 11, text: 'CARD 4929', colour: '#7020d0' },
})
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), phoneBrowser.close()])
  await server.close()
})

/** What the caller's telephone says now. */
const speech = { hz: USUAL_HZ }
const says: SampleSource = (from, count) => tone(speech.hz)(from, count)

/** The operator's machine. */
function operator(path: string, body: object, token = TOKEN): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const sent = request(`${server.url}${path}`, { method: 'POST', headers, rejectUnauthorized: false }, response => {
      let text = ''
      response.on('data', part => {
        text += part
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

t.test('[CS10] [CS14] [CS16] [CS17] [CS18] nothing of a card payment exists in any file', async t => {
  const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
  const { phone, call } = await callUp({ server, agent, says, codecs: ['PCMU'] })
  t.teardown(() => phone.close())
  const page = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
  await page.startCamera()
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  const id = await liveCallId()
  await delay(2_500)
  await agent.by('freeze').click()
  const first = await until('a page', () =>
    agent
      .by('stage-title')
      .getAttribute('data-showing')
      .then(at => at === 'page'),
  )
  t.ok(first)
  const pageId = await onlyPage(id)
  await agent.by('live').click()
  await delay(500)

  // The caller's own photo, begun before and half-way.
  const half = await fromPhone(page, id, { begin: 4_000, send: [0, 2_000] })
  t.equal(half, 200)

  t.equal((await operator(`/api/calls/${id}/capture/pause`, {}, 'wrong-token-of-nobody')).status, 401)
  const paused = await operator(`/api/calls/${id}/capture/pause`, { by: 'ivr' })
  t.match(JSON.parse(paused.body), { shutter: { trigger: 'ivr' } })
  speech.hz = SECRET_HZ
  call.voice.press(CARD_KEYS)
  await agent.by('shutter-banner').waitFor()
  await page.by('card-shutter').waitFor()
  t.match(await page.by('card-shutter').innerText(), /支付中：已停止录音录像|nothing is recorded/)
  t.equal(await agent.by('remote-video').isVisible(), false, 'the agent does not see the card')
  t.equal(await agent.by('recording').getAttribute('data-state'), 'paused')

  // What is tried meanwhile is refused in so many words.
  t.same(await tries(page, id, pageId), { still: 423, scan: 423, begin: 423, chunk: 423 })
  t.equal(await agent.by('freeze').isDisabled(), true)
  await delay(5_000)
  // Before it is asked for: half a second later the shutter is open, whether or not this process has had its turn by then.
  speech.hz = USUAL_HZ
  const resumed = await operator(`/api/calls/${id}/capture/resume`, { by: 'ivr' })
  t.equal(resumed.status, 200)
  await agent.by('shutter-banner').waitFor({ state: 'detached' })
  await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
  await delay(2_500)
  await call.hangUp()
  const folder = await server.sealedArchive({ muxed: true })
  await searched(t, folder)
})

async function liveCallId(): Promise<string> {
  const text = await new Promise<string>((resolve, reject) => {
    const headers = { authorization: `Bearer ${TOKEN}` }
    request(`${server.url}/api/operator/calls`, { headers, rejectUnauthorized: false }, response => {
      let body = ''
      response.on('data', part => {
        body += part
      })
      response.on('end', () => resolve(body))
    })
      .on('error', reject)
      .end()
  })
  return JSON.parse(text).calls[0].callId
}

async function onlyPage(callId: string): Promise<string> {
  const day = (await readdir(join(server.dataDir, 'recordings')))[0] ?? ''
  const entries = await readEntries(join(server.dataDir, 'recordings', day, callId))
  const added = entries.find(entry => entry.type === 'page.added')
  return added?.type === 'page.added' ? added.page.id : ''
}

/** A file of the caller's: begun, and a part of it sent. */
function fromPhone(page: PhonePage, callId: string, o: { begin: number; send: [number, number] }): Promise<number> {
  return page.page.evaluate(
    async ({ callId, sizeBytes, from, to }) => {
      const begun = await fetch(`/api/calls/${callId}/uploads`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'card.jpg', type: 'image/jpeg', sizeBytes }),
      })
      const { uploadId } = await begun.json()
      sessionStorage.setItem('upload', uploadId)
      const bytes = new Uint8Array(to - from).fill(1)
      bytes.set([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46])
      const sent = await fetch(`/api/calls/${callId}/uploads/${uploadId}?offset=${from}`, {
        method: 'POST',
        headers: { 'content-type': 'image/jpeg' },
        body: bytes,
      })
      return sent.status
    },
    { callId, sizeBytes: o.begin, from: o.send[0], to: o.send[1] },
  )
}

function tries(page: PhonePage, callId: string, pageId: string): Promise<Record<string, number>> {
  return page.page.evaluate(
    async ({ callId, pageId }) => {
      const canvas = document.createElement('canvas')
      canvas.width = canvas.height = 64
      canvas.getContext('2d')?.fillRect(0, 0, 64, 64)
      const jpeg = await new Promise<Blob | null>(done => canvas.toBlob(done, 'image/jpeg'))
      const post = async (path: string, headers: Record<string, string>, body: BodyInit | null) =>
        (await fetch(`/api/calls/${callId}${path}`, { method: 'POST', headers, body })).status
      const picture = { 'content-type': 'image/jpeg' }
      const json = { 'content-type': 'application/json' }
      return {
        still: await post(`/pages/${pageId}/still`, { ...picture, 'x-still-kind': 'photo' }, jpeg),
        scan: await post('/scan', picture, jpeg),
        begin: await post('/uploads', json, JSON.stringify({ name: 'b.jpg', type: 'image/jpeg', sizeBytes: 900 })),
        chunk: await post(`/uploads/${sessionStorage.getItem('upload')}?offset=2000`, picture, jpeg),
      }
    },
    { callId, pageId },
  )
}

/** Every file below the data directory. */
async function searched(t: Assert, folder: string): Promise<void> {
  const entries = await readEntries(folder)
  const pauses = capturePauses(entries)
  t.equal(pauses.length, 1)
  const [pause] = pauses
  if (!pause) return
  t.match(pause, { trigger: 'ivr', because: 'ivr' })
  t.ok(pause.toMs - pause.fromMs > 5_000, 'it was closed for a while')

  const files = (await readdir(server.dataDir, { recursive: true, withFileTypes: true })).filter(one => one.isFile())
  const paths = files.map(one => join(one.parentPath, one.name))
  t.ok(
    paths.some(path => path.endsWith('replay.webm')),
    'the derivatives are there',
  )
  let [journals, pictures, films, sounds, codes] = [0, 0, 0, 0, 0]
  const behind = await codesBehind(folder, pause)
  for (const path of paths) {
    // The muxer's work and the vault's swap come and go: what is gone meanwhile is not there to be found.
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
      return undefined
    })
    if (bytes === undefined) continue
    if (path.endsWith('.rtpj')) {
      journals += 1
      await journalIsClean(t, path, pause)
    } else if (/\.(webp|jpe?g|png)$/.test(path)) {
      pictures += 1
      const code = await codeOf(bytes)
      if (code) codes += 1
      t.notOk(code && code.camera === 11 && behind.has(code.counter), `${path} shows nothing from behind`)
    } else if (/\.(webm|mp4|ogg|opus)$/.test(path)) {
      if (/\.(webm|mp4)$/.test(path)) {
        films += 1
        const found = (await codesInFilm(path, 10)).filter(code => code?.camera === 11)
        codes += found.length
        t.same(
          found.filter(code => code && behind.has(code.counter)),
          [],
          `${path} shows nothing from behind`,
        )
      }
      sounds += 1
      for (const channel of [0, 1] as const) {
        const samples = await soundIn(path, channel).catch(() => new Int16Array())
        t.equal(loudest(samples, SECRET_HZ) < 0.3, true, `${path} channel ${channel} has no tone from behind`)
      }
    } else if (/\.jsonl?$/.test(path)) {
      t.notMatch(bytes.toString('utf8'), /"dtmf"|"digit"/, `${path} names no key`)
    }
  }
  t.ok(
    journals >= 3 && films >= 1 && sounds >= 3 && pictures >= 1 && codes > 20,
    'the search found what is to be found',
  )
  t.comment(JSON.stringify({ files: paths.length, journals, pictures, films, sounds, codes, behind: behind.size }))

  // The search can find the tone: the usual one is where it belongs.
  const { samples } = await voiceOf(folder, 'tracks/caller-voice-1.rtpj')
  t.ok(loudest(samples, USUAL_HZ) > 0.9)
  const replayed = await soundIn(join(folder, 'derived/replay.webm'), 0)
  const inside = replayed.subarray((pause.fromMs + 200) * 8, (pause.toMs - 200) * 8)
  t.equal(Math.max(...inside.map(Math.abs)) < 50, true, 'silence of the right length in the replay')
  const { tracks, consents } = await readManifest(folder)
  t.ok(tracks.length >= 3)
  t.match(consents?.map(one => one.kind).sort(), ['camera', 'recording'])
}

/** The counters the camera showed behind the shutter: between the last one kept before it and the first one kept after it. */
async function codesBehind(folder: string, pause: { fromMs: number; toMs: number }): Promise<Set<number>> {
  const codes = await codesInFilm(join(folder, 'derived/replay.webm'), 10)
  const at = (ms: number) => codes[Math.floor(ms / 100)]
  // The held picture is the last one kept before; it stands until the first one after it has come.
  let from: number | undefined
  for (let ms = (pause.fromMs + pause.toMs) / 2; from === undefined && ms > 0; ms -= 100) from = at(ms)?.counter
  let to: number | undefined
  for (let ms = pause.toMs; to === undefined && ms < pause.toMs + 5_000; ms += 100) {
    const code = at(ms)
    if (code && code.counter !== from) to = code.counter
  }
  if (from === undefined || to === undefined) throw new Error('no picture around the pause')
  const behind = new Set<number>()
  // Half a second on either side is on its way; between them nothing may be found.
  for (let counter = (from + 20) % 600; counter !== (to - 20 + 600) % 600; counter = (counter + 1) % 600)
    behind.add(counter)
  return behind
}

/** No packet between the boundaries, no tone, no key; the boundaries stand in the track itself. */
async function journalIsClean(t: Assert, path: string, pause: { fromMs: number; toMs: number }): Promise<void> {
  const inside: string[] = []
  const boundaries: string[] = []
  const voice: number[] = []
  for await (const record of await readRtpJournal(path)) {
    const within = record.atMs > pause.fromMs && record.atMs < pause.toMs
    if (record.kind === 'event') {
      const { type, by } = JSON.parse(record.body.toString())
      if (by === 'card-shutter') boundaries.push(type)
      else if (within || type === 'dtmf') inside.push(type)
      continue
    }
    if (within && record.kind !== 'checkpoint') inside.push(record.kind)
    const packet = record.kind === 'rtp' ? readRtp(record.body) : undefined
    if (packet?.payloadType === 0) voice.push(...decodeG711('PCMU', packet.payload))
    else if (packet?.payloadType === 101 && path.includes('voice')) inside.push('telephone-event')
  }
  t.same(inside, [], `${path} holds nothing from behind`)
  t.same(boundaries, ['paused', 'resumed'], `${path} holds the boundaries`)
  if (voice.length > 0)
    t.equal(loudest(Int16Array.from(voice), SECRET_HZ) < 0.3, true, `${path} has no tone from behind`)
}

/** The largest share of a tone in any fiftieth of a second. */
function loudest(samples: Int16Array, hz: number): number {
  let most = 0
  for (let at = 0; at + 160 <= samples.length; at += 80)
    most = Math.max(most, shareOf(hz, samples.subarray(at, at + 160), 8000))
  return most
}

async function codeOf(bytes: Buffer) {
  const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  return readCode({ data, width: info.width, height: info.height, channels: info.channels })
}
