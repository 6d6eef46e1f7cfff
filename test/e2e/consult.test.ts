import t from 'tap'
import { verifyArchive } from '../../recordings/seal/verify-archive.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { complaintsOf, InnerServer } from '../harness/app.ts'
import { filesOfCall, readEntries } from '../harness/archive-reader.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { CALLER_HZ, ConsultLine, OTHER_HZ } from '../harness/consult-line.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

// A real workbench calls out and asks somebody else; the trunk is a raw peer, both far ends speak in tones.
t.setTimeout(180_000)

const AGENT_HZ = 620

const line = await ConsultLine.create()
const server = await InnerServer.start(line.settings)
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
/** Somebody else is asked and answers. */
async function consult() {
  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill('10086')
  await agent.by('consult').click()
  await line.takesOffer()
  const invite = await line.called('other')
  await state('consult-dialling')
  line.answer(invite)
  await state('consult-consulted')
  await Promise.all([agent.hears(OTHER_HZ), line.hears('other', AGENT_HZ)])
}
/** To the caller while the other one waits. */
async function swap() {
  await agent.page.keyboard.press('Shift+W')
  await line.takesOffer()
  await line.takesOffer()
  await state('consult-caller')
  await Promise.all([agent.hears(CALLER_HZ), line.hears('caller', AGENT_HZ)])
}

t.test('[VC42] a call out from the workbench: the network is heard before the answer, then both are', async t => {
  await agent.by('dial-to').fill('13800138000')
  await agent.by('dial').click()
  const invite = await line.called('caller')
  line.answer(invite, 183)
  await state('dial-early-media')
  await agent.hears(CALLER_HZ)
  line.answer(invite)
  await state('connected')
  await Promise.all([agent.hears(CALLER_HZ), line.hears('caller', AGENT_HZ)])
  t.equal(await agent.by('active-number').textContent(), '13800138000')
})

t.test('[VC42] somebody else is asked, swapped to and fro, not connected by a line that cannot, and left', async t => {
  await consult()
  t.equal(line.directions.caller, 'sendonly', 'the caller is held')
  await swap()
  t.same(line.directions, { caller: 'sendrecv', other: 'sendonly' })
  await agent.page.keyboard.press('Shift+C')
  await line.takesOffer()
  line.peer.respond(await line.peer.nextRequest('REFER', 8000), 501)
  await agent.by('voice-failed').waitFor()
  t.match(await agent.by('voice-failed').textContent(), /10086.*cannot transfer/)
  t.ok(await agent.by('cancel-consult').isEnabled(), 'both stay')
  await line.takesOffer()
  await agent.by('cancel-consult').click()
  t.equal(await line.hungUpOn(), 'other')
  t.equal(line.directions.caller, 'sendrecv')
  await state('connected')
  t.equal(await agent.by('voice-failed').count(), 0, 'what failed is past')
  await Promise.all([agent.hears(CALLER_HZ), line.hears('caller', AGENT_HZ)])
})

t.test('[VC53] keys go to whomever the agent speaks with; those to the one consulted are not kept', async t => {
  await consult()
  const press = async (keys: string) => {
    await agent.page.keyboard.press('Shift+D')
    await agent.by('keys').waitFor()
    for (const key of keys) await agent.page.keyboard.press(key)
  }
  await press('12#')
  t.match(await agent.by('keys-to').textContent(), /10086.*not recorded/)
  await until('keys at the one consulted', () => line.keysAt('other') === '12#')
  await agent.page.keyboard.press('Escape')
  await swap()
  t.equal(await agent.by('keys').count(), 0)
  await press('7')
  t.equal(await agent.by('keys-to').count(), 0)
  await until('the key at the caller', () => line.keysAt('caller') === '7')
  t.equal(line.keysAt('other'), '12#')
  await agent.page.keyboard.press('Escape')
  await agent.by('cancel-consult').click()
  t.equal(await line.hungUpOn(), 'other')
  await state('connected')
})

t.test('[VC48] the two are connected: REFER with Replaces, both hear each other, both pages say so', async t => {
  await agent.page.locator('.invite select').selectOption('en')
  const phone = await PhonePage.open(phoneBrowser, (await agent.sendCode()).link)
  await phone.startCamera()
  await consult()
  await phone.by('veil').waitFor()
  await swap()
  await phone.by('veil').waitFor({ state: 'hidden' })
  await agent.page.keyboard.press('Shift+C')
  t.equal(await line.takesOffer(), 'caller', 'music for the caller meanwhile')
  await state('transfer-asked')
  const refer = await line.peer.nextRequest('REFER', 8000)
  t.equal(refer.callId, line.callIdOf('caller'))
  t.equal(line.replacedBy(refer), 'other', 'the call of the one asked is to be replaced, by its tags')
  line.peer.respond(refer, 202)
  await line.tells(refer, 100)
  await state('transfer-trying')
  line.join()
  line.hangsUp('other')
  await line.peer.nextResponse(200, 'BYE')
  t.equal(await agent.by('ended-call').count(), 0, 'not before it is told')
  await line.tells(refer, 200)
  t.equal(await line.hungUpOn(), 'caller')
  line.join()
  await Promise.all([line.hears('caller', OTHER_HZ), line.hears('other', CALLER_HZ)])
  await agent.by('ended-call').waitFor()
  t.match(await agent.by('ended-call').textContent(), /transferred/i)
  await phone.by('transferred').waitFor()
  t.match(await phone.by('transferred').textContent(), /somebody else.*camera is off/is)
  t.equal(await agent.by('invite-link').count(), 0)
})

t.test(
  '[VC42] [VC48] the record has the conversation with the caller and who was asked, not what was said',
  async t => {
    const sealed = await sealedVoices(server, '4008001234')
    const entries = await readEntries(sealed.folder)
    t.same(
      entries
        .filter(({ type }) => /^consult|^transfer|^call.ended/.test(type))
        .map(entry => (entry.type === 'consult.speaking' ? `with the ${entry.with}` : entry.type)),
      [
        ...[
          'consult.began',
          'consult.answered',
          'with the caller',
          'transfer.asked',
          'transfer.failed',
          'consult.ended',
        ],
        ...['consult.began', 'consult.answered', 'with the caller', 'consult.ended'],
        ...['consult.began', 'consult.answered', 'with the caller', 'transfer.asked', 'transfer.done', 'consult.ended'],
        'call.ended',
      ],
    )
    t.match(
      entries.filter(({ type }) => type === 'transfer.asked'),
      [
        { kind: 'attended', to: '10086' },
        { kind: 'attended', to: '10086' },
      ],
    )
    t.match(
      entries.filter(({ type }) => type === 'voice.key').map(({ seq: _, atMs: __, prev: ___, ...facts }) => facts),
      [
        ...Array(3).fill({ type: 'voice.key', way: 'rtp', to: 'consulted', digit: undefined }),
        { type: 'voice.key', way: 'rtp', digit: '7', to: undefined },
      ],
    )
    t.same(sealed.end, { cause: 'transferred' })
    t.ok((await sealed.tone('caller-voice', CALLER_HZ)).ms > 1000, 'the caller is in the record')
    t.equal((await sealed.tone('caller-voice', OTHER_HZ)).ms, 0, 'the one asked is not')
    t.same(sealed.findings, [])
    const verdict = await verifyArchive(await filesOfCall(sealed.folder))
    t.same([verdict.intact, verdict.problems], [true, []])
    t.same(complaintsOf(browser, phoneBrowser), [])
  },
)
