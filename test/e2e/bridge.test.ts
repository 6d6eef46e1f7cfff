import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { filesOfCall, readEntries } from '../harness/archive-reader.ts'
import { longestGapMs, phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { CALLER_HZ as CALLED_HZ, ConsultLine, OTHER_HZ } from '../harness/consult-line.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { shareOf } from '../harness/tone.ts'
import { until, within } from '../harness/until.ts'
import { workerPids } from '../harness/worker-pids.ts'

// Callers whose line takes no REFER are handed over all the same: a real workbench, a SIP phone that refuses it, a trunk that is
// a raw peer; caller, agent and the other one speak in tones.
t.setTimeout(180_000)

const CALLER_HZ = 440
const AGENT_HZ = 620

const line = await ConsultLine.create()
const server = await InnerServer.start({ ...line.settings, calls: { transfer: 'auto' } })
const [browser, phoneBrowser] = await Promise.all([
  TestBrowser.launch({ microphoneHz: AGENT_HZ, language: 'en-US' }),
  TestBrowser.launch({ phone: true, language: 'en-US', camera: { camera: 5, text: '', colour: '#0050d0' } }),
])
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await Promise.all([browser.close(), phoneBrowser.close()])
  line.close()
  await server.close()
})

const state = (wanted: string) =>
  until(
    `voice ${wanted}`,
    async () => (await agent.by('voice-state').getAttribute('data-state', { timeout: 1000 })) === wanted,
  )
const metric = async (name: string) => {
  const text = await (await server.plain('/metrics')).text()
  return Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.split(' ')
      .at(-1) ?? 0,
  )
}
let number = 13_800_138_000

/** Somebody calls in and is answered. A phone that was never asked for transfers does not list REFER; another one answers 405. */
async function calledBy(t: Test, o: { listsRefer: boolean }): Promise<{ call: PhoneCall; from: string }> {
  const from = String(++number)
  const phone = await SipPhone.create({ server: server.sip('udp'), number: from })
  t.teardown(() => phone.close())
  const call = await phone.call('4008001234', {
    says: tone(CALLER_HZ),
    codecs: ['PCMU'],
    ...(o.listsRefer && { onTransfer: () => 405 }),
  })
  await within('the ringing', 5000, call.rings)
  await agent.answer()
  await within('the answer', 10_000, call.answered)
  await Promise.all([agent.hears(CALLER_HZ), phoneHears(call, AGENT_HZ)])
  return { call, from }
}
/** The agent transfers, and the other one's telephone rings. */
async function transferred(to = '10086') {
  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill(to)
  await agent.by('transfer-now').click()
  const invite = await line.called('other')
  await state('transfer-bridging')
  line.answer(invite, 183)
  await state('transfer-ringing')
  return invite
}
const bothHear = (call: PhoneCall) => Promise.all([phoneHears(call, OTHER_HZ), line.hears('other', CALLER_HZ)])
const leaves = async () => {
  await agent.by('ended-call').waitFor()
  await agent.by('dismiss').click()
}

t.test(
  '[VC80] a line that answers REFER with 405: caller and other one hear each other, and the agent is out',
  async t => {
    const { call, from } = await calledBy(t, { listsRefer: true })
    await agent.page.locator('.invite select').selectOption('en')
    const phone = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
    await phone.startCamera()
    const invite = await transferred()
    t.match(await agent.by('voice-state').textContent(), /10086 is ringing/)
    t.ok(await agent.by('hold').isEnabled(), 'the caller may be had back')
    t.equal(call.offers.at(-1)?.direction, 'sendonly', 'the caller hears music')
    await sleep(700)
    const nowMs = wallClockMs()
    const heard = call.voice.samplesBetween(nowMs - 400, nowMs)
    t.ok(shareOf(OTHER_HZ, heard, 8000) < 0.1, 'and nothing of what the network plays')
    t.ok(shareOf(AGENT_HZ, heard, 8000) < 0.1)
    line.answer(invite)
    await agent.by('ended-call').waitFor()
    t.match(await agent.by('ended-call').textContent(), /transferred/i)
    await phone.by('transferred').waitFor()
    await bothHear(call)
    t.equal(call.offers.at(-1)?.direction, 'sendrecv')
    t.equal(await metric('tongping_bridged_pairs'), 1)
    t.equal(await metric('tongping_transfers_total{kind="blind",way="bridge",result="done"}'), 1)
    call.voice.press('5#')
    await until('the keys at the other one', () => line.keysAt('other') === '5#')

    t.equal((await call.hold()).sdp?.direction, 'recvonly', 'the caller’s own hold is answered')
    t.equal((await call.resume()).status, 200)
    await bothHear(call)

    const sealed = await sealedVoices(server, from)
    const entries = await readEntries(sealed.folder)
    t.same(sealed.end, { cause: 'transferred' })
    t.same(
      entries.filter(({ type }) => /^transfer|^call.ended/.test(type)).map(({ type }) => type),
      ['transfer.asked', 'transfer.bridging', 'transfer.done', 'call.ended'],
    )
    t.match(
      entries.find(({ type }) => type === 'transfer.done'),
      { way: 'bridge' },
    )
    t.ok((await sealed.tone('caller-voice', CALLER_HZ)).ms > 500, 'the caller is in the record')
    t.equal((await sealed.tone('agent-voice', OTHER_HZ)).ms, 0, 'the other one is not')
    t.equal(sealed.digits, '', 'nor what was pressed afterwards')
    t.same(sealed.findings, [])
    const verdict = await verifyArchive(await filesOfCall(sealed.folder))
    t.same([verdict.intact, verdict.problems], [true, []])

    await call.hangUp()
    t.equal(await line.hungUpOn(), 'other')
    await until('no pair any more', async () => (await metric('tongping_bridged_pairs')) === 0)
    await leaves()
  },
)

t.test(
  '[VC80] a line that does not list REFER: not asked; the other one hangs up, and the caller is hung up on',
  async t => {
    const { call } = await calledBy(t, { listsRefer: false })
    line.answer(await transferred())
    await agent.by('ended-call').waitFor()
    await bothHear(call)
    line.hangsUp('other')
    await line.peer.nextResponse(200, 'BYE')
    t.match(await within('the BYE', 5000, call.ended), {
      by: 'peer',
      reason: /Q\.850;cause=16;text="the other side hung up"/,
    })
    await leaves()
  },
)

t.test('[VC80] busy there: the caller is back with the agent, who is told', async t => {
  const { call } = await calledBy(t, { listsRefer: true })
  line.answer(await transferred(), 486)
  await agent.by('voice-failed').waitFor()
  t.match(await agent.by('voice-failed').textContent(), /10086.*busy/)
  await state('connected')
  await Promise.all([agent.hears(CALLER_HZ), phoneHears(call, AGENT_HZ)])
  await agent.by('voice-failed-read').click()

  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill('10010')
  await agent.by('transfer-now').click()
  const invite = await line.called('other')
  line.answer(invite, 180)
  await state('transfer-ringing')
  await agent.by('hold').click()
  line.peer.respond(await line.peer.nextRequest('CANCEL', 5000), 200)
  line.answer(invite, 487)
  await state('connected')
  await Promise.all([agent.hears(CALLER_HZ), phoneHears(call, AGENT_HZ)])
  await agent.hangUp()
  await within('the BYE', 5000, call.ended)
  await leaves()
})

t.test(
  '[VC80] a caller whom the agent has called: both lines are the trunk’s, and one of the two hangs up',
  async t => {
    await agent.by('dial-to').fill('13900139000')
    await agent.by('dial').click()
    line.answer(await line.called('caller'))
    await state('connected')
    await Promise.all([agent.hears(CALLED_HZ), line.hears('caller', AGENT_HZ)])
    await agent.page.keyboard.press('Shift+X')
    await agent.by('transfer-to').fill('10086')
    await agent.by('transfer-now').click()
    t.equal(await line.takesOffer(), 'caller')
    line.peer.respond(await line.peer.nextRequest('REFER', 8000), 501)
    line.answer(await line.called('other'))
    t.equal(await line.takesOffer(), 'caller', 'taken back from hold')
    await agent.by('ended-call').waitFor()
    await Promise.all([line.hears('caller', OTHER_HZ), line.hears('other', CALLED_HZ)])
    await leaves()
    line.hangsUp('caller')
    await line.peer.nextResponse(200, 'BYE')
    t.equal(await line.hungUpOn(), 'other')
  },
)

t.test('[VC80] somebody was asked first: both are connected, also while the media worker dies', async t => {
  const { call, from } = await calledBy(t, { listsRefer: true })
  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill('10086')
  await agent.by('consult').click()
  line.answer(await line.called('other'))
  await state('consult-consulted')
  await Promise.all([agent.hears(OTHER_HZ), line.hears('other', AGENT_HZ)])
  await agent.page.keyboard.press('Shift+C')
  await agent.by('ended-call').waitFor()
  await bothHear(call)
  const [worker] = await workerPids()
  const killedAtMs = wallClockMs()
  process.kill(worker ?? 0, 'SIGKILL')
  await sleep(1000)
  await bothHear(call)
  t.ok(longestGapMs(call, killedAtMs, wallClockMs()) < 500, 'the caller had a packet at least every half second')
  const sealed = await sealedVoices(server, from)
  t.same(sealed.end, { cause: 'transferred' })
  t.equal((await sealed.tone('caller-voice', OTHER_HZ)).ms + (await sealed.tone('agent-voice', OTHER_HZ)).ms, 0)
  t.same(sealed.findings, [])
  await call.hangUp()
  t.equal(await line.hungUpOn(), 'other')
  await leaves()
  t.same(complaintsOf(browser, phoneBrowser), [])
})
