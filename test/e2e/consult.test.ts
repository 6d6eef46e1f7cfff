import t from 'tap'
import { decodeG711 } from '../../scripts/simulated-caller/g711.ts'
import type { SipRequest } from '../../signaling/sip/embedded/sip-message.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { RtpParty } from '../doubles/rtp-party.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { readEntries } from '../harness/archive-reader.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { freePort } from '../harness/free-port.ts'
import { dominantHz } from '../harness/tone.ts'
import { until } from '../harness/until.ts'

// A real workbench calls out and asks somebody else; the trunk is a raw peer, both far ends speak in tones.
t.setTimeout(120_000)

const CALLER_HZ = 700
const OTHER_HZ = 1200
const AGENT_HZ = 620

const sipPort = await freePort()
const peer = await RawPeer.create(sipPort)
const parties = { caller: await RtpParty.create(), other: await RtpParty.create() }
const server = await InnerServer.start({
  sip: { port: sipPort },
  trunk: {
    trunk: { name: 'trunk', proxy: `sip:${peer.hostPort}`, fromNumber: '4008001234' },
    line: {},
    dial: { allow: ['1*'], maxCalls: 5, maxCallsPerAgent: 2, callsPerMinute: 20, callsPerMinutePerAgent: 20 },
  },
})
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ, language: 'en-US' })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
const ports = { caller: 0, other: 0 }
const speaking = setInterval(() => {
  for (const [who, hz] of [
    ['caller', CALLER_HZ],
    ['other', OTHER_HZ],
  ] as const)
    if (ports[who] !== 0) parties[who].tone(ports[who], { law: 'PCMA', packets: 1, hz })
}, 20)
t.teardown(async () => {
  clearInterval(speaking)
  await browser.close()
  peer.close()
  for (const party of Object.values(parties)) party.close()
  await server.close()
})

type Who = keyof typeof parties
const callIds = new Map<string, Who>()
const directions = { caller: '', other: '' }
const state = (wanted: string) =>
  until(
    `voice ${wanted}`,
    async () => (await agent.by('voice-state').getAttribute('data-state', { timeout: 1000 })) === wanted,
  )
function answer(invite: SipRequest, status = 200): void {
  const who = callIds.get(invite.callId) ?? 'caller'
  const offer = invite.body.toString()
  directions[who] = /a=(sendrecv|sendonly|inactive)/.exec(offer)?.[1] ?? 'sendrecv'
  ports[who] = Number(/m=audio (\d+)/.exec(offer)?.[1])
  peer.respond(invite, status, {
    toTag: who,
    headers: [`Contact: <sip:far@${peer.hostPort}>`, 'Allow: INVITE, ACK, BYE, CANCEL, REFER'],
    body: parties[who].sdp({ direction: directions[who] === 'sendonly' ? 'recvonly' : 'sendrecv' }),
  })
}
const nextOffer = async (): Promise<void> => answer(await peer.nextRequest('INVITE', 8000))
const hears = (who: Who) =>
  until(`the agent at the ${who}`, () => {
    const packets = parties[who].received.slice(-25)
    const samples = Int16Array.from(packets.flatMap(packet => [...decodeG711('PCMA', packet.subarray(12))]))
    const hz = packets.length === 25 ? dominantHz(samples, 8000) : undefined
    return hz !== undefined && Math.abs(hz - AGENT_HZ) < 20
  })

t.test('[VC42] a call out from the workbench: the network is heard before the answer, then both are', async t => {
  await agent.by('dial-to').fill('13800138000')
  await agent.by('dial').click()
  const invite = await peer.nextRequest('INVITE', 8000)
  callIds.set(invite.callId, 'caller')
  answer(invite, 183)
  await state('dial-early-media')
  await agent.hears(CALLER_HZ)
  answer(invite)
  await state('connected')
  await Promise.all([agent.hears(CALLER_HZ), hears('caller')])
  t.equal(await agent.by('active-number').textContent(), '13800138000')
})

t.test('[VC42] somebody else is asked, swapped to and fro, not connected by a line that cannot, and left', async t => {
  await agent.page.keyboard.press('Shift+X')
  await agent.by('transfer-to').fill('10086')
  await agent.by('consult').click()
  await nextOffer()
  t.equal(directions.caller, 'sendonly', 'the caller is held')
  const second = await peer.nextRequest('INVITE', 8000)
  callIds.set(second.callId, 'other')
  await state('consult-dialling')
  answer(second)
  await state('consult-consulted')
  await Promise.all([agent.hears(OTHER_HZ), hears('other')])
  await agent.page.keyboard.press('Shift+W')
  await nextOffer()
  await nextOffer()
  t.same(directions, { caller: 'sendrecv', other: 'sendonly' })
  await state('consult-caller')
  await Promise.all([agent.hears(CALLER_HZ), hears('caller')])
  await agent.page.keyboard.press('Shift+C')
  await nextOffer()
  peer.respond(await peer.nextRequest('REFER', 8000), 501)
  await agent.by('voice-failed').waitFor()
  t.match(await agent.by('voice-failed').textContent(), /10086.*cannot transfer/)
  t.ok(await agent.by('cancel-consult').isEnabled(), 'both stay')
  await agent.by('cancel-consult').click()
  peer.respond(await peer.nextRequest('BYE', 8000), 200)
  await nextOffer()
  t.equal(directions.caller, 'sendrecv')
  ports.other = 0
  await state('connected')
  await Promise.all([agent.hears(CALLER_HZ), hears('caller')])
})

t.test('[VC42] the record has the conversation with the caller and who was asked, not what was said', async t => {
  await agent.hangUp()
  peer.respond(await peer.nextRequest('BYE', 8000), 200)
  const entries = await readEntries(await server.sealedArchive())
  t.same(
    entries.map(({ type }) => type).filter(type => /^consult|^transfer/.test(type)),
    ['consult.began', 'consult.answered', 'consult.speaking', 'transfer.asked', 'transfer.failed', 'consult.ended'],
  )
})
