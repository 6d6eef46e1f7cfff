import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { Baresip } from '../harness/peers/baresip.ts'
import { bothHear } from '../harness/peers/both-hear.ts'
import { Kamailio } from '../harness/peers/kamailio.ts'
import { RtpEngine } from '../harness/peers/rtpengine.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { until } from '../harness/until.ts'

t.setTimeout(120_000)

const CALLER_HZ = 440
const AGENT_HZ = 620

const server = await InnerServer.start()
const media = await RtpEngine.start()
const proxy = await Kamailio.start({ server, media })
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await browser.close()
  await proxy.close()
  await media.close()
  await server.close()
})

async function phoneAt(t: { teardown(fn: () => unknown): void }, transport: 'udp' | 'tcp', number: string) {
  const phone = await Baresip.start({
    saysHz: CALLER_HZ,
    transport,
    number,
    registrar: { host: proxy.sipHost, port: proxy.sipPort },
  })
  t.teardown(() => phone.close())
  return phone
}

for (const { transport, by, number, failsOver } of [
  { transport: 'udp', by: 'agent', number: '13900139011', failsOver: false },
  // Kamailio's configuration: new media ports with every re-INVITE of such a number.
  { transport: 'tcp', by: 'caller', number: '13900139099', failsOver: true },
] as const) {
  const relay = failsOver ? 'whose media ports change with every re-INVITE' : 'that rewrites the SDP'
  t.test(`[PEER2] a call through Kamailio and rtpengine over ${transport}, ${relay}, ended by the ${by}`, async t => {
    const phone = await phoneAt(t, transport, number)
    const linesBefore = media.process.output.length
    await phone.call(phone.uriAt(proxy, '4008001234'), { whileRinging: () => agent.answer() })
    await bothHear({ agent, peer: phone, callerHz: CALLER_HZ, agentHz: AGENT_HZ })

    await phone.hold()
    await agent.by('held').waitFor()
    await sleep(1000)
    await phone.resume()
    await agent.by('held').waitFor({ state: 'detached' })
    await bothHear({ agent, peer: phone, callerHz: CALLER_HZ, agentHz: AGENT_HZ })
    await phone.press('7')
    await sleep(300)
    await bothHear({ agent, peer: phone, callerHz: CALLER_HZ, agentHz: AGENT_HZ })

    if (by === 'caller') await phone.hangUp()
    else {
      await agent.hangUp()
      await phone.ended()
    }
    await agent.by('hang-up').waitFor({ state: 'detached' })

    const relayed = await until('the relay’s figures', () => {
      const lines = relayedPackets(media.process.output.slice(linesBefore))
      return lines.length >= (failsOver ? 6 : 2) && lines
    })
    t.ok(relayed.filter(packets => packets > 40).length >= 2, `packets through the relay by port: ${relayed}`)

    const sealed = await sealedVoices(server, number)
    t.match(sealed.end, { cause: by === 'caller' ? 'caller-hung-up' : 'agent-hung-up' })
    t.same(sealed.findings, [], 'the record adds up')
    t.same(sealed.holds, ['voice.held caller', 'voice.retrieved caller'])
    t.equal(sealed.digits, '7')
    const caller = await sealed.tone('caller-voice', CALLER_HZ)
    const echoed = await sealed.tone('caller-voice', AGENT_HZ)
    const agentVoice = await sealed.tone('agent-voice', AGENT_HZ)
    t.ok(
      caller.share + echoed.share > 0.6 && caller.ms > 1500 && echoed.ms > 300,
      `caller in the archive: ${JSON.stringify({ caller, echoed })}`,
    )
    t.ok(agentVoice.share > 0.7 && agentVoice.ms > 1000, `agent in the archive: ${JSON.stringify(agentVoice)}`)
  })
}

t.test('[PEER3] a caller behind the proxy who gives up while it rings leaves nothing', async t => {
  const before = (await server.archives()).length
  const phone = await phoneAt(t, 'udp', '13900139012')
  await phone.control.command('dial', phone.uriAt(proxy, '4008001234'))
  await phone.control.event('CALL_RINGING')
  await agent.by('answer').waitFor()
  await phone.hangUp()
  await phone.ended()
  await agent.by('answer').waitFor({ state: 'detached' })
  t.equal((await server.archives()).length, before)
})

/** Packets received on each of the relay's voice ports of a finished call, from its log. */
const relayedPackets = (log: string) =>
  [...log.matchAll(/Port +[\d.]+:\d+ +<> +[\d.:]+ *, SSRC \w+, (\d+) p/g)].map(match => Number(match[1]))
