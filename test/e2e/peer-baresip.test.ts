import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { voiceCodecs } from '../harness/measure-page.ts'
import { Baresip, type BaresipOptions } from '../harness/peers/baresip.ts'
import { bothHear } from '../harness/peers/both-hear.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'

t.setTimeout(120_000)

const CALLER_HZ = 440
const AGENT_HZ = 620

const server = await InnerServer.start()
const browser = await TestBrowser.launch({ microphoneHz: AGENT_HZ })
const agent = await AgentPage.signIn(browser, server, await server.person('agent'))
t.teardown(async () => {
  await browser.close()
  await server.close()
})

/** baresip calls, the agent answers, and both hear each other. */
async function callUp(t: { teardown(fn: () => unknown): void }, o: Omit<BaresipOptions, 'saysHz'>): Promise<Baresip> {
  const peer = await Baresip.start({ ...o, saysHz: CALLER_HZ })
  t.teardown(() => peer.close())
  await peer.call(peer.uriAt(server, '4008001234'), { whileRinging: () => agent.answer() })
  await bothHear({ agent, peer, callerHz: CALLER_HZ, agentHz: AGENT_HZ })
  return peer
}

for (const { transport, codec, by, number } of [
  { transport: 'udp', codec: 'pcma', by: 'baresip', number: '13900139001' },
  { transport: 'tcp', codec: 'pcmu', by: 'agent', number: '13900139002' },
] as const) {
  t.test(`[PEER1] baresip over ${transport}, ${codec}: hold, resume, keys, hang-up by ${by}`, async t => {
    const peer = await callUp(t, { transport, codecs: [codec], number })

    await peer.hold()
    await agent.by('held').waitFor()
    await sleep(1000)
    await peer.resume()
    await agent.by('held').waitFor({ state: 'detached' })
    await bothHear({ agent, peer, callerHz: CALLER_HZ, agentHz: AGENT_HZ })

    for (const digit of '15#') {
      await peer.press(digit)
      await sleep(300)
    }
    await bothHear({ agent, peer, callerHz: CALLER_HZ, agentHz: AGENT_HZ })

    if (by === 'baresip') await peer.hangUp()
    else {
      await agent.hangUp()
      await peer.ended()
    }
    await agent.by('hang-up').waitFor({ state: 'detached' })

    const sealed = await sealedVoices(server, number)
    t.match(sealed.end, { cause: by === 'baresip' ? 'caller-hung-up' : 'agent-hung-up' })
    t.same(sealed.findings, [], 'the record adds up')
    t.same(sealed.codecs, [codec.toUpperCase()], 'one codec, not transcoded')
    t.same(sealed.holds, ['voice.held caller', 'voice.retrieved caller'])
    t.equal(sealed.digits, '15#')
    const caller = await sealed.tone('caller-voice', CALLER_HZ)
    const echoed = await sealed.tone('caller-voice', AGENT_HZ)
    const agentVoice = await sealed.tone('agent-voice', AGENT_HZ)
    t.ok(
      caller.share + echoed.share > 0.6 && caller.ms > 1500 && echoed.ms > 300,
      `caller in the archive: ${JSON.stringify({ caller, echoed })}`,
    )
    // The agent speaks in syllables: blocks over an edge are no clean tone.
    t.ok(agentVoice.share > 0.7 && agentVoice.ms > 1000, `agent in the archive: ${JSON.stringify(agentVoice)}`)
  })
}

for (const { codec, name, encrypted, number } of [
  { codec: 'g722', name: 'G722', encrypted: false, number: '13900139003' },
  { codec: 'opus/48000/2', name: 'opus', encrypted: true, number: '13900139004' },
] as const) {
  t.test(
    `[PEER10] baresip with nothing but ${name}, ${encrypted ? 'SRTP' : 'plain RTP'}: not transcoded, hold, hang-up`,
    async t => {
      const peer = await callUp(t, { codecs: [codec], number, ...(encrypted && { mediaEncryption: 'srtp-mand' }) })
      t.same(await voiceCodecs(agent.page), [`in audio/${name}`, `out audio/${name}`], 'in the browser too')
      await peer.hold()
      await agent.by('held').waitFor()
      await sleep(1000)
      await peer.resume()
      await agent.by('held').waitFor({ state: 'detached' })
      await bothHear({ agent, peer, callerHz: CALLER_HZ, agentHz: AGENT_HZ })
      await peer.hangUp()
      await agent.by('hang-up').waitFor({ state: 'detached' })
      const sealed = await sealedVoices(server, number, { fromReplay: true })
      t.same(sealed.findings, [], 'the record adds up')
      t.same(sealed.codecs, [name])
      const caller = await sealed.tone('caller-voice', CALLER_HZ)
      const agentVoice = await sealed.tone('agent-voice', AGENT_HZ)
      t.ok(
        caller.ms >= 600 && agentVoice.ms >= 600,
        `in the film of the record: ${JSON.stringify({ caller, agentVoice })}`,
      )
    },
  )
}
