import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { encodeG711 } from '../../scripts/simulated-caller/g711.ts'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { Sipp } from '../harness/peers/sipp.ts'
import { within } from '../harness/until.ts'

t.setTimeout(180_000)

/** The only tone there is: sipp sends back what it hears, so the agent's ear proves both ways. */
const AGENT_HZ = 620

const server = await InnerServer.start({
  external: { integrations: new Map(), siprec: { clients: ['127.0.0.1'], agents: [] } },
})
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await browser.close()
  await server.close()
})

const start = async (
  t: { teardown(fn: () => unknown): void },
  scenario: string,
  number: string,
  transport: 'udp' | 'tcp' = 'udp',
) => {
  const sipp = await Sipp.start({ scenario, number, server, transport })
  t.teardown(() => sipp.close())
  return sipp
}
const saysAllWasExpected = async (t: Test, sipp: Sipp) =>
  t.equal(await within('the end of sipp', 15_000, sipp.left()), 0, `as the scenario expects ${await sipp.errors()}`)

for (const { scenario, transport, number, what } of [
  { scenario: 'late-offer', transport: 'udp', number: '13900139032', what: 'an INVITE without SDP' },
  { scenario: 'late-offer', transport: 'tcp', number: '13900139031', what: 'an INVITE without SDP' },
  { scenario: 'reinvite-without-sdp', transport: 'udp', number: '13900139033', what: 'a re-INVITE without SDP' },
  {
    scenario: 'late-ack',
    transport: 'udp',
    number: '13900139034',
    what: 'an ACK that comes only after the 200 came again',
  },
  { scenario: 'info-keys', transport: 'udp', number: '13900139037', what: 'a key by INFO' },
  { scenario: 'update', transport: 'udp', number: '13900139038', what: 'hold and retrieval by UPDATE' },
] as const) {
  t.test(`[PEER5] sipp over ${transport}: ${what}, and voice both ways after it`, async t => {
    const sipp = await start(t, scenario, number, transport)
    await agent.answer()
    if (scenario === 'update') {
      await sipp.says('held')
      await agent.by('held').waitFor()
    }
    await sipp.says('up')
    await agent.hears(AGENT_HZ)
    // The record is to hold more than the first syllable.
    await sleep(1_000)
    await agent.hangUp()
    await saysAllWasExpected(t, sipp)
    await agent.by('hang-up').waitFor({ state: 'detached' })
    if (scenario === 'late-ack') {
      const answers = cseqsOfAnswers(await sipp.messages())
      t.ok(answers.filter(cseq => cseq === '1 INVITE').length >= 2, `200 came again until the ACK: ${answers}`)
    }
    const sealed = await sealedVoices(server, number)
    t.match(sealed.end, { cause: 'agent-hung-up' })
    t.same(sealed.findings, [], 'the record adds up')
    for (const track of ['caller-voice', 'agent-voice'] as const) {
      const heard = await sealed.tone(track, AGENT_HZ)
      t.ok(heard.share >= 0.5 && heard.ms >= 300, `${track} in the archive: ${JSON.stringify(heard)}`)
    }
  })
}

t.test('[PEER6] sipp: a CANCEL that crosses the answer leaves no call behind', async t => {
  const sipp = await start(t, 'cancel-after-answer', '13900139035')
  await agent.answer()
  await saysAllWasExpected(t, sipp)
  await agent.by('hang-up').waitFor({ state: 'detached' })
  t.match((await sealedVoices(server, '13900139035')).end, { cause: 'caller-hung-up' })
})

t.test('[PEER6] sipp: an offer with nothing we speak is refused with 488 and rings nowhere', async t => {
  const before = (await server.archives()).length
  const sipp = await start(t, 'no-common-codec', '13900139039')
  await saysAllWasExpected(t, sipp)
  t.equal((await server.archives()).length, before)
})

t.test(
  '[PEER11] sipp as a recording client: its multipart body, its stream, a change of the caller by UPDATE',
  async t => {
    const number = '13900139040'
    // A second, for repeating without an end: 600 Hz fits whole into it.
    const files = { 'tone.ul': encodeG711('PCMU', tone(600)(0, 8000)) }
    const sipp = await Sipp.start({ scenario: 'siprec', number, server, files })
    t.teardown(() => sipp.close())
    await sipp.says('up')
    await agent.by('external-call').waitFor()
    t.equal(await agent.by('external-call').getAttribute('data-voice'), 'recorded')
    await saysAllWasExpected(t, sipp)
    await agent.by('ended-call').waitFor()
    const sealed = await sealedVoices(server, number)
    t.match(sealed.end, { cause: 'ended-elsewhere' })
    const heard = await sealed.tone('caller-voice', 600)
    t.ok(heard.share > 0.8 && heard.ms >= 2_000, `the caller in the archive: ${JSON.stringify(heard)}`)
    t.same((await sealed.tone('agent-voice', 600)).ms, 0, 'and not in the other track')
    t.match(
      sealed.findings.map(one => [one.kind, 'track' in one && one.track]),
      [
        ['nothing-recorded', 'agent-voice'],
        ['speaker-changed', 'caller-voice'],
      ],
      'what was paused from beginning to end, and who took the caller’s place, are told',
    )
  },
)

/** To which requests the 200s of a message log answer, in order. */
const cseqsOfAnswers = (log: string) =>
  log
    .split('SIP/2.0 200')
    .slice(1)
    .map(message => /CSeq: (\d+ \w+)/i.exec(message)?.[1])
