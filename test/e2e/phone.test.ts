import t from 'tap'
import { NetworkCall } from '../harness/network-call.ts'
import { until } from '../harness/until.ts'

t.setTimeout(280_000)

const WAIT = { timeoutMs: 30_000 }
const up = await NetworkCall.start({ tcp: 'direct' })
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
  t.equal(await caller.page.locator('[data-kind="document"]').getAttribute('data-state'), 'withdrawn')
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
