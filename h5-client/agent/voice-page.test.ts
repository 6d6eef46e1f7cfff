import type { Locator } from 'playwright-core'
import t from 'tap'
import { buildPages } from '../../scripts/build-pages.mjs'
import { TestBrowser } from '../../test/harness/chromium.ts'
import { until } from '../../test/harness/until.ts'
import { BenchPage } from './harness/bench-page.ts'
import { SimulatedDesk } from './harness/simulated-desk.ts'

// The voice panel as a person meets it, against a SIMULATED desk. Real calls: test/e2e/control.test.ts.
t.setTimeout(120_000)
const pagesFolder = t.testdir({})
await buildPages({ pages: ['agent'], outFolder: pagesFolder, log: () => {} })
const browser = await TestBrowser.launch({ language: 'en-US' })
t.teardown(() => browser.close())
/** The SIMULATED room's media never comes up; without more to say the line stays at this. */
const SPEAKING = 'connecting'
const onCall = async (test: { teardown(end: () => Promise<void>): void }) => {
  const bench = await BenchPage.onCall(test, browser, pagesFolder)
  await bench.has('voice-state', 'data-state', SPEAKING)
  return bench
}
const place = async (locator: Locator) => {
  const box = await locator.boundingBox()
  return box && [box.x, box.y, box.width, box.height].map(Math.round).join(' ')
}
const trackOn = (bench: BenchPage) =>
  bench.page.evaluate(() =>
    window.observedPeers.flatMap(peer =>
      peer.getSenders().flatMap(({ track }) => (track?.kind === 'audio' ? [track.enabled] : [])),
    ),
  )

t.test('[VC30] hold by button and key; what is awaited is said; nothing moves', async t => {
  const bench = await onCall(t)
  const { desk } = bench
  const names = ['mute', 'hold', 'keypad', 'transfer', 'hang-up', 'recording', 'camera-controls']
  const places = () => Promise.all(names.map(name => place(bench.by(name))))
  const before = await places()
  t.equal(await bench.by('hold').getAttribute('aria-pressed'), 'false')
  t.match(await bench.by('hold').getAttribute('title'), /⇧L/)
  await bench.page.keyboard.press('Shift+L')
  await bench.has('voice-state', 'data-state', 'hold-held')
  t.equal(await bench.by('hold').getAttribute('aria-pressed'), 'true')
  t.match(await bench.by('voice-state').textContent(), /music/)
  t.ok(await bench.by('keypad').isDisabled(), 'no keys into the hold')
  t.ok(
    await bench.by('voice-state').evaluate(node => node.closest('[role="status"]') !== null),
    'a screen reader is told',
  )
  const said = new Set<string | null>()
  for (const hold of ['asked', 'held', 'unsignalled', 'retrieving', 'none'] as const) {
    desk.control({ hold })
    await bench.has('voice-state', 'data-state', hold === 'none' ? SPEAKING : `hold-${hold}`)
    said.add(await bench.by('voice-state').textContent())
    t.same(await places(), before, `nothing moves: ${hold}`)
  }
  t.equal(said.size, 5, 'each in words of its own')
  desk.control({ hold: 'retrieving' })
  await bench.has('voice-state', 'data-state', 'hold-retrieving')
  t.ok(await bench.by('hold').isDisabled())
  desk.control({ hold: 'held' })
  await bench.by('hold').click()
  await bench.has('voice-state', 'data-state', SPEAKING)
  t.equal(desk.times('voice.retrieve'), 1)
  desk.refuse('voice.hold', 'unavailable')
  await bench.by('hold').click()
  const failure = bench.page.locator('.failure[data-task="hold"]')
  await failure.waitFor()
  t.match(await failure.textContent(), /not put on hold.*the other line did not take it/s)
})

t.test('[VC31] mute is one truth: here at once, at the server, and after a reload', async t => {
  const bench = await onCall(t)
  const { desk, page } = bench
  await until('the microphone', async () => (await trackOn(bench)).join() === 'true')
  desk.replyDelayMs = 300
  await page.keyboard.press('m')
  await bench.has('mute', 'aria-pressed', 'true')
  await bench.has('voice-state', 'data-state', 'muted')
  t.same(await trackOn(bench), [false], 'before the server has said anything')
  await page.keyboard.press('m')
  await page.keyboard.press('m')
  await until('the last press at the server', () => desk.call.control?.muted === true && desk.times('voice.mute') >= 1)
  desk.replyDelayMs = 0
  await page.reload()
  await bench.has('mute', 'aria-pressed', 'true')
  await until('the new page’s microphone', async () => (await trackOn(bench)).join() === 'false')
  await bench.by('mute').click()
  await bench.has('mute', 'aria-pressed', 'false')
  await until('the server', () => desk.call.control?.muted === false)
  desk.refuse('voice.mute', 'unavailable')
  await bench.by('mute').click()
  await page.locator('.failure[data-task="mute"]').waitFor()
  await bench.has('mute', 'aria-pressed', 'false')
  t.same(await trackOn(bench), [true], 'refused there, not so here')
})

t.test('[VC32] keys by mouse and keyboard while the keypad is open, shown for a moment only', async t => {
  const bench = await onCall(t)
  const { desk, page } = bench
  await page.keyboard.press('5')
  await page.keyboard.press('Shift+D')
  await bench.by('keys').waitFor()
  t.equal(await bench.by('keypad').getAttribute('aria-expanded'), 'true')
  for (const key of ['1', '2', '#', '*', '0']) await page.keyboard.press(key)
  await bench.by('key-9').click()
  await until('all keys', () => desk.times('voice.key') === 6)
  t.same(
    desk.asked.filter(({ name }) => name === 'voice.key').map(({ data }) => data.digit),
    ['1', '2', '#', '*', '0', '9'],
    'in their order; not the one before it was open',
  )
  t.match(await bench.by('pressed-key').textContent(), /9/)
  t.notMatch(await bench.by('pressed-key').textContent(), /1/, 'only the last one')
  await until('it is gone', async () => (await bench.by('pressed-key').textContent()) === '')
  await page.keyboard.press('Escape')
  await bench.by('keys').waitFor({ state: 'detached' })
  t.equal(await bench.by('keypad').evaluate(node => node === document.activeElement), true, 'focus goes back')
  await page.keyboard.press('7')
  t.equal(desk.times('voice.key'), 6, 'closed, keys mean what they meant')
  await bench.by('keypad').click()
  await bench.by('keys').waitFor()
  desk.control({ hold: 'held' })
  await bench.by('keys').waitFor({ state: 'detached' })
})

t.test('[VC33] blind transfer: asked, under way, failed with why; refused numbers stay in the field', async t => {
  const bench = await onCall(t)
  const { desk, page } = bench
  await page.keyboard.press('Shift+X')
  t.equal(
    await bench.by('transfer-to').evaluate(node => node === document.activeElement),
    true,
    'the field has the focus',
  )
  t.ok(await bench.by('transfer-now').isDisabled(), 'nobody yet')
  await page.keyboard.type('8 2 l m 7')
  t.equal(desk.times('voice.hold') + desk.times('voice.mute'), 0, 'what is typed is no command')
  desk.refuse('voice.transfer', 'forbidden')
  await page.keyboard.press('Enter')
  const failure = page.locator('.failure[data-task="transfer"]')
  await failure.waitFor()
  t.match(await failure.textContent(), /not allowed here/)
  t.equal(await bench.by('transfer-to').inputValue(), '8 2 l m 7')
  desk.allow('voice.transfer')
  await bench.by('transfer-to').fill('8002')
  await bench.by('transfer-now').click()
  await bench.has('voice-state', 'data-state', 'transfer-asked')
  await bench.by('transfer-form').waitFor({ state: 'detached' })
  t.match(await bench.by('voice-state').textContent(), /8002/)
  for (const name of ['hold', 'keypad', 'transfer']) t.ok(await bench.by(name).isDisabled(), `${name} waits`)
  t.ok(await bench.by('hang-up').isEnabled())
  desk.control({ transfer: { to: '8002', kind: 'blind', way: 'refer', state: 'ringing' } })
  await bench.has('voice-state', 'data-state', 'transfer-ringing')
  t.ok(await bench.by('hold').isDisabled(), 'what the far end does cannot be taken back')
  desk.control({ hold: 'held', transfer: { to: '8002', kind: 'blind', way: 'bridge', state: 'trying' } })
  await bench.has('voice-state', 'data-state', 'transfer-bridging')
  t.match(await bench.by('voice-state').textContent(), /Calling 8002 from here/)
  t.match(await bench.by('hold').textContent(), /Take back/)
  t.ok(await bench.by('hold').isEnabled(), 'what this server does can')
  for (const name of ['keypad', 'transfer']) t.ok(await bench.by(name).isDisabled(), `${name} waits`)
  await page.keyboard.press('Shift+L')
  await bench.asked('voice.retrieve')
  desk.control({ hold: 'held', transfer: { to: '8002', kind: 'attended', way: 'bridge', state: 'trying' } })
  await until('the other words', async () =>
    /Connecting the caller with 8002/.test((await bench.by('voice-state').textContent()) ?? ''),
  )
  t.ok(await bench.by('hold').isDisabled())
  desk.tell({ type: 'transfer.failed', failure: 'busy' })
  desk.control({
    hold: 'none',
    transfer: { to: '8002', kind: 'blind', way: 'refer', state: 'failed', failure: 'busy' },
  })
  await bench.has('voice-state', 'data-state', SPEAKING)
  t.match(await bench.by('voice-failed').textContent(), /8002.*busy/)
  await bench.by('voice-failed-read').click()
  await bench.by('voice-failed').waitFor({ state: 'detached' })
  desk.change({ phase: 'ended', end: { cause: 'transferred' } })
  await bench.by('ended-call').waitFor()
  t.match(await bench.by('ended-call').textContent(), /transferred/i)
})

t.test('[VC34] consult, swap, connect, cancel; without a trunk it is said', async t => {
  const bench = await onCall(t)
  const { desk, page } = bench
  desk.control({ mayConsult: false })
  await bench.by('transfer').click()
  await bench.by('transfer-to').fill('8003')
  t.ok(await bench.by('consult').isDisabled())
  t.match(await bench.by('transfer-form').textContent(), /no line to call out by/)
  desk.control({ mayConsult: true })
  const before = await place(bench.by('mute'))
  await bench.by('consult').click()
  await bench.has('voice-state', 'data-state', 'consult-dialling')
  t.ok(await bench.by('swap').isDisabled(), 'nobody has answered')
  t.ok(await bench.by('connect').isDisabled())
  t.equal(await place(bench.by('mute')), before)
  desk.control({ consult: { to: '8003', state: 'talking', speaking: 'consulted' } })
  await bench.has('voice-state', 'data-state', 'consult-consulted')
  t.match(await bench.by('voice-state').textContent(), /8003, not recorded/)
  await page.keyboard.press('Shift+D')
  await page.keyboard.press('1')
  t.match(await bench.asked('voice.key'), { digit: '1' })
  t.match(await bench.by('keys-to').textContent(), /8003/)
  await page.keyboard.press('Shift+W')
  await bench.by('keys').waitFor({ state: 'detached' })
  await bench.has('voice-state', 'data-state', 'consult-caller')
  t.match(await bench.asked('voice.speakTo'), { who: 'caller' })
  await page.keyboard.press('Shift+W')
  await bench.has('voice-state', 'data-state', 'consult-consulted')
  await page.keyboard.press('Shift+C')
  await bench.has('voice-state', 'data-state', 'transfer-asked')
  for (const name of ['swap', 'connect', 'keypad', 'cancel-consult'])
    t.ok(await bench.by(name).isDisabled(), `${name} waits for the hand-over`)
  desk.control({ transfer: { to: '8003', kind: 'attended', way: 'refer', state: 'failed', failure: 'not-supported' } })
  await bench.has('voice-state', 'data-state', 'consult-consulted')
  t.match(await bench.by('voice-failed').textContent(), /cannot transfer/)
  await bench.by('cancel-consult').click()
  await bench.by('hold').waitFor()
  await bench.has('voice-state', 'data-state', SPEAKING)
  desk.control({ consult: { to: '8004', state: 'talking', speaking: 'consulted' }, hold: 'held' })
  await bench.by('swap').waitFor()
  desk.tell({ type: 'consult.ended', failure: 'hung-up' })
  const left = { to: '8004', why: 'hung-up' } as const
  desk.control({ consult: undefined, transfer: undefined, hold: 'retrieving', consultFailure: left })
  await until('words', async () => (await bench.by('voice-failed').textContent())?.startsWith('8004 has hung up'))
  t.notMatch(await bench.by('voice-failed').textContent(), /caller is back/, 'not before the line has taken it')
  desk.control({ hold: 'none' })
  await until('the caller', async () => /caller is back/.test((await bench.by('voice-failed').textContent()) ?? ''))
})

t.test(
  '[VC41] calling out: what is awaited, the tone of the page or of the network, and each end in words',
  async t => {
    const desk = await SimulatedDesk.create(pagesFolder)
    const page = await browser.context.newPage()
    t.teardown(async () => {
      await page.close()
      await desk.close()
    })
    await page.addInitScript(() => {
      const seen = window as unknown as { ringbacks: number }
      seen.ringbacks = 0
      const start = OscillatorNode.prototype.start
      OscillatorNode.prototype.start = function (...when) {
        if (this.frequency.value === 450) seen.ringbacks += 1
        return start.apply(this, when)
      }
    })
    const ringbacks = () => page.evaluate(() => (window as unknown as { ringbacks: number }).ringbacks)
    const by = (name: string) => page.locator(`[data-test="${name}"]`).first()
    const state = (wanted: string) =>
      until(wanted, async () => (await by('voice-state').getAttribute('data-state', { timeout: 1_000 })) === wanted)
    await page.goto(desk.address)
    await by('sign-in-name').fill('lin')
    await by('sign-in-password').fill('right')
    await by('sign-in-submit').click()
    await by('dial-to').fill('010-6552 9988')
    t.equal(await by('dial').textContent(), 'Call')
    desk.refuse('voice.dial', 'forbidden')
    await page.keyboard.press('Enter')
    await page.locator('.failure[data-task="dial"]').waitFor()
    t.match(await page.locator('.failure').textContent(), /did not go out.*not allowed here/s)
    t.equal(await by('dial-to').inputValue(), '010-6552 9988', 'what was typed stays')
    desk.allow('voice.dial')
    const ends = ['busy', 'no-answer', 'rejected', 'wrong-number'] as const
    const said = new Set<string | null>()
    for (const failure of ends) {
      await by('dial-to').fill('010-6552 9988')
      await by('dial').click()
      await state('dial-trying')
      t.equal(await by('active-number').textContent(), '010-6552 9988', 'whom, not as whom')
      t.match(await by('hang-up').textContent(), /Cancel/)
      const before = await ringbacks()
      desk.change({ dialling: 'ringing' })
      await state('dial-ringing')
      await until('the page’s own tone', async () => (await ringbacks()) === before + 1)
      desk.change({ phase: 'ended', end: { cause: 'not-reached', failure, sipStatus: 486, reason: '' } })
      await by('ended-call').waitFor()
      const text = await by('ended-call').textContent()
      said.add(text)
      t.notMatch(text, /record/i, 'nothing was recorded')
      await by('dismiss').click()
    }
    t.equal(said.size, ends.length, 'each in words of its own')
    const before = await ringbacks()
    await by('dial-to').fill('10086')
    await by('dial').click()
    desk.change({ dialling: 'early-media' })
    await state('dial-early-media')
    t.equal(await ringbacks(), before, 'the network is heard, not the page')
    desk.reached()
    await by('hold').waitFor()
    await until('the buttons', () => by('hold').isEnabled())
    t.equal(await by('send-to').inputValue(), '10086', 'the code goes to whom was called')
    await by('hang-up').click()
    await by('ended-call').waitFor()
  },
)
