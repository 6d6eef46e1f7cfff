import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { NotificationName } from '../../signaling/protocol/notifications.ts'
import { PHONE_EN } from '../shared/words/en/phone.ts'
import { UPLOAD_EN } from '../shared/words/en/upload.ts'
import { PHONE_ZH } from '../shared/words/zh-CN/phone.ts'
import { UPLOAD_ZH } from '../shared/words/zh-CN/upload.ts'
import { CameraKnobs } from './camera-settings.ts'
import { ConsentBook } from './consent-book.ts'
import { StillSender } from './still-sender.ts'
import type { Shot } from './still-taker.ts'
import { UploadFile, type UploadState } from './upload-file.ts'
import { troubleOf, UploadStopped, type UploadWire } from './upload-wire.ts'
import { nextZoom } from './zoom-pill.ts'

const callId = newId('call')

t.test('[PHO5] a still that got nowhere is sent again, later and smaller; a final no ends it', async t => {
  const waits: number[] = []
  const sender = (answers: (number | 'lost')[], seen: number[]) =>
    new StillSender({
      post: async (_path, shot) => {
        seen.push(shot.blob.size)
        const answer = answers.shift() ?? 200
        if (answer === 'lost') throw new Error('no network')
        return answer
      },
      smaller: async blob => blob.slice(0, blob.size / 4),
      wait: async ms => void waits.push(ms),
    })
  const shot: Shot = { blob: new Blob([new Uint8Array(4096)]), kind: 'photo' }
  const sizes: number[] = []
  await sender(['lost', 'lost', 503], sizes).send(callId, newId('page'), shot)
  t.strictSame(sizes, [4096, 4096, 1024, 1024])
  t.strictSame(waits, [1000, 2000, 4000])
  const once: number[] = []
  await t.rejects(sender([413], once).send(callId, newId('page'), shot), /413/)
  t.equal(once.length, 1)
  await t.rejects(sender(['lost', 'lost', 'lost', 'lost'], []).send(callId, newId('page'), shot), /network/)
})

/** SIMULATED: the server's half of the resumable upload; `cut` breaks the n-th chunk off. */
function simulatedWire(o: { size: number; cut?: readonly number[]; refuse?: string }) {
  const sent: number[] = []
  let received = 0
  const wire: UploadWire = {
    begin: async () => ({ uploadId: newId('up'), chunkBytes: 1000, receivedBytes: received }),
    state: async () => ({ receivedBytes: received }),
    append: async (_id, offset, chunk) => {
      sent.push(offset)
      if (o.refuse !== undefined) throw new UploadStopped({ kind: 'refused', reason: o.refuse })
      if (offset !== received) throw new UploadStopped({ kind: 'offset', receivedBytes: received })
      // The chunk arrived, its answer did not.
      received += chunk.size
      if (o.cut?.includes(sent.length)) throw new UploadStopped({ kind: 'lost' })
      return { receivedBytes: received }
    },
  }
  return { wire, sent }
}

const fileOf = (size: number) => new File([new Uint8Array(size)], 'meter.jpg', { type: 'image/jpeg' })

t.test('[PHO20] a file goes on from what the server has, not from what the phone believes', async t => {
  const { wire, sent } = simulatedWire({ size: 3500, cut: [2] })
  const states: UploadState['kind'][] = []
  const upload = new UploadFile({
    file: fileOf(3500),
    wire,
    onState: state => states.push(state.kind),
    untilOnline: async () => {},
  })
  await upload.run()
  t.equal(upload.state.kind, 'done')
  t.strictSame(sent, [0, 1000, 2000, 3000], 'the chunk whose answer was lost is not sent twice')
  t.ok(states.includes('paused'))
})

t.test('[PHO20] a file that was cancelled stays so, whatever arrives later', async t => {
  const { wire } = simulatedWire({ size: 3500 })
  const upload = new UploadFile({
    file: fileOf(3500),
    wire: { ...wire, begin: async (...all) => wire.begin(...all).finally(() => upload.cancel()) },
    onState: () => {},
    untilOnline: async () => {},
  })
  await upload.run()
  t.equal(upload.state.kind, 'cancelled')
})

t.test('[PHO21] every refusal of the server has its sentence in both languages', async t => {
  const { wire } = simulatedWire({ size: 10, refuse: 'undecodable' })
  const upload = new UploadFile({ file: fileOf(10), wire, onState: () => {}, untilOnline: async () => {} })
  await upload.run()
  t.strictSame(upload.state, { kind: 'refused', reason: 'undecodable' })
  t.strictSame(troubleOf(422, { reason: 'undecodable' }), { kind: 'refused', reason: 'undecodable' })
  t.strictSame(troubleOf(409, { receivedBytes: 7 }), { kind: 'offset', receivedBytes: 7 })
  t.strictSame(troubleOf(429, { reason: 'busy' }), { kind: 'wait' })
  t.strictSame(troubleOf(423, {}), { kind: 'refused', reason: 'paused' }, 'behind the card shutter: never by itself')
  t.strictSame(troubleOf(502, {}), { kind: 'wait' })
  t.strictSame(troubleOf(410, {}), { kind: 'refused', reason: 'call-ended' })
  const told = ['empty', 'too-large', 'unknown-type', 'not-a-picture', 'too-many-pixels', 'undecodable']
  for (const reason of [...told, 'too-many-files', 'too-many-bytes', 'too-many-open'])
    for (const words of [UPLOAD_EN, UPLOAD_ZH]) t.ok(reason in words.reason, reason)
})

t.test('[PHO10] two wishes for the same leave are one question; a no stands until asked in so many words', async t => {
  const listeners = new Map<string, (data: never) => void>()
  const requests: [string, unknown][] = []
  const answers = [false, true]
  let questions = 0
  const book = new ConsentBook({
    signaling: {
      on: (name: NotificationName, listener: (data: never) => void) => {
        listeners.set(name, listener)
        return () => listeners.delete(name)
      },
      request: async (name: string, data: unknown) => {
        requests.push([name, data])
        return {} as never
      },
      opened: async () => {},
    },
    given: { camera: true },
    past: [],
    textVersion: 'v1',
    language: () => 'en',
    question: async () => {
      questions += 1
      return answers.shift() ?? false
    },
  })
  t.strictSame(await Promise.all([book.allows('control'), book.allows('control')]), [false, false])
  t.equal(questions, 1)
  t.equal(await book.allows('control'), false)
  t.equal(questions, 1, 'not asked again')
  t.equal(await book.ask('control'), true)
  await book.withdraw('control')
  t.equal(await book.allows('control'), false, 'taken back')
  t.strictSame(requests, [
    ['consent.answer', { consent: { kind: 'control', textVersion: 'v1', language: 'en', given: false } }],
    ['consent.answer', { consent: { kind: 'control', textVersion: 'v1', language: 'en', given: true } }],
    ['consent.withdraw', { kind: 'control' }],
  ])
  t.strictSame(book.agreements, [
    { kind: 'camera', state: 'given' },
    { kind: 'control', state: 'withdrawn' },
    { kind: 'analysis', state: 'not-asked' },
  ])
  book.close()
  t.equal(listeners.size, 0)
})

t.test(
  '[PHO10] a question that was open when the page was loaded anew is put again, an answered one is not',
  async t => {
    const asked: string[] = []
    const entry = (event: object) => ({ seq: 0, atMs: 0, prev: '', ...event }) as JournalEntry
    const book = new ConsentBook({
      signaling: { on: () => () => {}, request: async () => ({}) as never, opened: async () => {} },
      given: {},
      past: [
        entry({ type: 'consent.asked', kind: 'control' }),
        entry({ type: 'consent.given', consent: { kind: 'control', given: false } }),
        entry({ type: 'consent.asked', kind: 'face' }),
      ],
      textVersion: 'v1',
      language: () => 'en',
      question: async kind => {
        asked.push(kind)
        return true
      },
    })
    t.strictSame(asked, ['face'])
    book.close()
  },
)

t.test('[PHO14] the zoom goes through the steps the lens has, and round', async t => {
  t.equal(nextZoom({ min: 1, max: 8, now: 1 }), 2)
  t.equal(nextZoom({ min: 1, max: 8, now: 4 }), 1)
  t.equal(nextZoom({ min: 1, max: 3, now: 2 }), 1)
  t.equal(nextZoom({ min: 0.5, max: 2, now: 0.5 }), 1)
  t.equal(nextZoom({ min: 1, max: 8, now: 2.7 }), 4)
})

t.test(
  '[PHO15] a browser that shrinks the film when the light is switched (simulated, as WebKit) is asked for its size again',
  async t => {
    const applied: MediaTrackConstraints[] = []
    let width = 1920
    const track = {
      getCapabilities: () => ({ torch: true }),
      getSettings: () => ({ width }),
      applyConstraints: async (constraints: MediaTrackConstraints) => {
        applied.push(constraints)
        width = constraints.width === undefined ? 640 : 1920
      },
    } as unknown as MediaStreamTrack
    const knobs = new CameraKnobs(track, { width: { ideal: 1920 } })
    await knobs.torch(true)
    t.strictSame(applied, [{ advanced: [{ torch: true }] }, { width: { ideal: 1920 }, advanced: [{ torch: true }] }])
    t.equal(width, 1920)
    t.strictSame(knobs.settings, { torch: true, zoom: undefined })
  },
)

t.test('[PHO52] both languages say everything about the phone', async t => {
  const keys = (words: object): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'object' ? keys(value).map(inner => `${key}.${inner}`) : [key],
    )
  t.strictSame(keys(PHONE_EN).sort(), keys(PHONE_ZH).sort())
  t.strictSame(keys(UPLOAD_EN).sort(), keys(UPLOAD_ZH).sort())
})
