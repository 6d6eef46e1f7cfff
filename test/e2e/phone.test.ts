import { createHash, randomBytes } from 'node:crypto'
import sharp from 'sharp'
import t from 'tap'
import { TestBrowser } from '../harness/chromium.ts'
import { NetworkCall } from '../harness/network-call.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(280_000)

/** Notes everything that could make a sound or hear one: on a phone it would end the caller's voice. */
function watchForSound(): void {
  const sounds: string[] = []
  Object.defineProperty(window, 'sounds', { value: sounds })
  for (const name of [
    'AudioContext',
    'webkitAudioContext',
    'OfflineAudioContext',
    'Audio',
    'SpeechSynthesisUtterance',
  ] as const) {
    const original = (window as unknown as Record<string, unknown>)[name]
    if (typeof original !== 'function') continue
    const watched = new Proxy(original, {
      construct: (target, values) => {
        sounds.push(name)
        return Reflect.construct(target, values)
      },
    })
    Object.defineProperty(window, name, { value: watched })
  }
  const media = navigator.mediaDevices
  const ask = media.getUserMedia.bind(media)
  media.getUserMedia = async constraints => {
    if (constraints?.audio) sounds.push('getUserMedia audio')
    return ask(constraints)
  }
  const source = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, 'srcObject')
  if (source === undefined) throw new Error('this browser cannot be watched')
  Object.defineProperty(HTMLMediaElement.prototype, 'srcObject', {
    ...source,
    set(stream: MediaStream | null) {
      if ((stream?.getAudioTracks().length ?? 0) > 0) sounds.push('an audio track')
      source.set?.call(this, stream)
    },
  })
  const play = HTMLMediaElement.prototype.play
  HTMLMediaElement.prototype.play = function () {
    if (!this.muted) sounds.push(`an unmuted ${this.tagName}`)
    return play.call(this)
  }
}

const WAIT = { timeoutMs: 30_000 }
const up = await NetworkCall.start({
  tcp: 'direct',
  prepare: async browser => void (await browser.context.addInitScript(watchForSound)),
})
t.teardown(() => up.close())
const { phone: caller } = up
const { callId, signaling: line } = up.agent
await up.join()
await until('the picture', () => up.view?.camera === 'live', WAIT)

t.test('[PHO1] the phone tells what its camera can do', async t => {
  const { abilities } = await up.told('camera.abilities')
  t.match(
    abilities,
    { torch: false, focusPoint: false, maxWidthPx: 640, maxHeightPx: 480 },
    'the file camera can do nothing',
  )
  t.equal(abilities.still, 'photo')
  await until('the view', () => up.view?.abilities?.still === 'photo', WAIT)
})

t.test(
  '[PHO2] the shutter: the frame at once, then the phone’s own still betters it, and the caller sees it',
  async t => {
    const { pageId } = await line.request('stage.freeze', { callId })
    const added = await up.told('page.added', { fits: one => one.page.id === pageId })
    t.match(added.page, { kind: 'camera', picture: { source: 'server-key-frame' } })
    await caller.page.locator('.label', { hasText: 'Picture taken' }).waitFor()
    const better = await up.told('page.bettered', { fits: one => one.pageId === pageId })
    t.match(better.picture, { source: /^phone-(photo|frame)$/, type: 'image/jpeg', widthPx: 640, heightPx: 480 })
    t.ok(better.seq > added.seq)
    const type = await caller.page.evaluate(
      async path => (await fetch(path)).headers.get('content-type'),
      `/api/calls/${callId}/pictures/${pageId}`,
    )
    t.equal(type, 'image/jpeg', 'both sides get the better one')
    t.equal(await caller.page.locator('audio').count(), 0)
  },
)

t.test('[PHO3] a paused camera sends no still, and says so', async t => {
  await line.request('stage.live', { callId })
  await caller.by('pause').click()
  await until('paused', () => up.view?.camera === 'paused', WAIT)
  await t.rejects(line.request('stage.freeze', { callId }), /conflict/)
  await caller.by('pause').click()
  await until('live again', () => up.view?.camera === 'live', WAIT)
})

t.test('[PHO10] a question of the agent is put to the caller, and the answer is an entry', async t => {
  await line.request('consent.ask', { callId, kind: 'document' })
  await caller.by('consent-sheet').waitFor()
  t.match(await caller.by('consent-sheet').textContent(), 'document')
  await caller.by('consent-agree').click()
  const { consent } = await up.told('consent.given', { fits: one => one.consent.kind === 'document' })
  t.match(consent, { given: true, language: 'en', textVersion: /^\d{4}/ })
  await up.told('consent.asked', { fits: one => one.kind === 'document' })
  await until('the view', () => up.view?.consents.document === true, WAIT)
})

t.test('[PHO11] what was agreed is listed on the phone and can be taken back', async t => {
  await caller.by('more').click()
  await caller.by('withdraw-document').click()
  await up.told('consent.withdrawn', { fits: one => one.kind === 'document' })
  await until('the view', () => up.view?.consents.document === false, WAIT)
  await caller.page.locator('[data-kind="document"][data-state="withdrawn"]').waitFor()
  t.equal(await caller.by('withdraw-camera').count(), 0, 'the camera is ended by its own button')
  await caller.by('more-close').click()
})

t.test('[PHO12] the light needs leave: the phone asks once, and a no stands', async t => {
  await line.request('camera.control', { callId, control: { kind: 'torch', on: true } })
  await caller.by('consent-sheet').waitFor()
  await caller.by('consent-not-now').click()
  const { outcome } = await up.told('camera.controlled', { fits: one => one.control.kind === 'torch' })
  t.equal(outcome, 'no-consent')
  await t.rejects(line.request('camera.control', { callId, control: { kind: 'torch', on: true } }), /forbidden/)
  t.equal(await caller.by('consent-sheet').count(), 0, 'not asked again')
  await line.request('consent.ask', { callId, kind: 'control' })
  await caller.by('consent-agree').click()
  await up.told('consent.given', { fits: one => one.consent.kind === 'control' && one.consent.given })
  await line.request('camera.control', { callId, control: { kind: 'torch', on: true } })
  const after = await up.told('camera.controlled', {
    fits: one => one.control.kind === 'torch' && one.outcome !== 'no-consent',
  })
  t.equal(after.outcome, 'unsupported', 'the file camera has no light')
})

t.test('[PHO13] hold still needs no leave: the caller is asked for a quiet hand, the view says so', async t => {
  await line.request('camera.control', { callId, control: { kind: 'hold-still', on: true } })
  await up.told('camera.controlled', { fits: one => one.control.kind === 'hold-still' && one.control.on })
  await caller.by('hold-still').waitFor()
  await until('the view', () => up.view?.holdStill, WAIT)
  await line.request('camera.control', { callId, control: { kind: 'hold-still', on: false } })
  await caller.by('hold-still').waitFor({ state: 'hidden' })
  t.ok(await until('the view', () => up.view?.holdStill === false, WAIT))
})

/** A photo of noise: nothing makes it smaller on the way. */
async function noise(): Promise<Buffer> {
  const raw = { width: 900, height: 700, channels: 3 } as const
  return sharp(randomBytes(raw.width * raw.height * raw.channels), { raw })
    .jpeg({ quality: 95 })
    .toBuffer()
}

t.test('[PHO20] two photos, the network gone in the middle of the second: it goes on where it was', async t => {
  const photos = [await noise(), await noise()]
  const { page } = caller
  const offsets: string[] = []
  page.on('request', request => {
    const offset = /uploads\/(up_\w+|[^?]+)\?offset=(\d+)/.exec(request.url())?.[2]
    if (offset === undefined) return
    offsets.push(offset)
    // The second file has begun and part of it is at the server.
    if (offsets.filter(one => one === '0').length === 2 && offset !== '0' && !lost) {
      lost = true
      void page.context().setOffline(true)
    }
  })
  let lost = false
  await caller.by('more').click()
  await page
    .locator('[data-test="choose-photos"]')
    .setInputFiles(photos.map((buffer, at) => ({ name: `meter-${at}.jpg`, mimeType: 'image/jpeg', buffer })))
  await page.locator('[data-test="upload"][data-state="paused"]').waitFor()
  await page.context().setOffline(false)
  await until('both done', async () => (await page.locator('[data-test="upload"][data-state="done"]').count()) === 2, {
    timeoutMs: 60_000,
  })
  for (const photo of photos) {
    const sha256 = createHash('sha256').update(photo).digest('hex')
    const added = await up.told('page.added', {
      fits: one => one.page.kind === 'upload' && one.page.picture.received?.sha256 === sha256,
    })
    t.match(added.page, { kind: 'upload', picture: { source: 'caller-file' }, name: /^meter-\d\.jpg$/ })
  }
  t.equal(up.entries.filter(one => one.type === 'upload.begun').length, 2, 'no file was begun twice')
  t.equal(offsets.filter(one => one === '0').length, 2, 'nothing was sent from its beginning again')
  await caller.by('upload-close').click()
})

t.test('[PHO42] another browser takes the seat only when the agent says so, and the first one is told', async t => {
  const browser = await TestBrowser.launch({
    phone: true,
    language: 'en-US',
    camera: { camera: 9, text: 'SN: TP-2026-0815', colour: '#00a050' },
  })
  t.teardown(() => browser.close())
  await up.network.leadMedia(browser.context, { tcp: 'direct' })
  const other = await PhonePage.open(browser, caller.page.url())
  t.equal(await other.refusal(30_000), 'already-used')
  const ask = async () => {
    await until('the agent to see it', () => up.view?.rebind !== undefined, WAIT)
    return up.view?.rebind?.requestId ?? ''
  }
  await other.by('takeover').click()
  for (const consent of ['consent-camera', 'consent-recording']) await other.by(consent).check()
  await other.by('start-camera').click()
  const first = await ask()
  t.match(up.view?.rebind?.userAgent, /Android/)
  await other.by('takeover').waitFor()
  await line.request('invite.rebind', { callId, requestId: first, allow: false })
  await other.by('takeover-ended').waitFor()
  t.equal(await other.by('takeover-ended').getAttribute('data-ending'), 'refused')
  t.equal(up.view?.rebind, undefined)
  t.ok(await caller.by('live').isVisible(), 'the first browser goes on')
  await t.rejects(line.request('invite.rebind', { callId, requestId: first, allow: true }), /gone/)

  await other.by('takeover-again').click()
  const second = await ask()
  await line.request('invite.rebind', { callId, requestId: second, allow: true })
  await other.by('resume').waitFor()
  await caller.by('replaced').waitFor()
  await other.by('start-camera').click()
  await other.by('preview').waitFor()
  await until('the picture of the other', () => up.view?.camera === 'live', WAIT)
  const answers = up.entries.flatMap(one => (one.type === 'invite.rebind-answered' ? [one.allowed] : []))
  t.strictSame(answers, [false, true])
  t.equal(up.entries.filter(one => one.type === 'invite.rebind-asked').length, 2)
  t.ok(up.entries.some(one => one.type === 'participant.left' && one.reason === 'replaced'))
  const joined = up.entries.filter(one => one.type === 'participant.joined' && one.participant.role === 'caller')
  t.equal(joined.length, 2, 'both devices are in the record')
})

t.test('[PHO43] nobody tries codes at this door: an address has few requests, right ones included', async t => {
  const statuses = await caller.page.evaluate(async token => {
    const found: number[] = []
    for (let tries = 0; tries < 8; tries += 1) {
      const response = await fetch('/api/join/rebind', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token: tries < 7 ? 'AAAAAAAAAAAAAAAAAAAAAA' : token, deviceId: 'a-device-1' }),
      })
      found.push(response.status)
    }
    return found
  }, caller.page.url().split('/').at(-1) ?? '')
  t.ok(statuses.includes(404), 'an unknown code is unknown')
  t.strictSame(statuses.slice(-2), [429, 429], 'and then the address waits, whatever it knows')
})

t.test('[PHO35] in all of this the phone’s page made no sound and heard none', async t => {
  t.strictSame(await caller.page.evaluate(() => (window as unknown as { sounds: string[] }).sounds), [])
  t.equal(await caller.page.locator('audio').count(), 0)
})
