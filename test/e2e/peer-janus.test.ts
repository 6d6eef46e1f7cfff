import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { Janus } from '../harness/peers/janus.ts'
import { JanusPhone } from '../harness/peers/janus-phone.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'

t.setTimeout(120_000)

const CALLER_HZ = 440
const AGENT_HZ = 620

const server = await InnerServer.start()
const janus = await Janus.start()
const agentBrowser = await TestBrowser.launch({ microphoneHz: AGENT_HZ })
const callerBrowser = await TestBrowser.launch({ microphoneHz: CALLER_HZ })
const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
t.teardown(async () => {
  await Promise.all([agentBrowser.close(), callerBrowser.close()])
  await janus.close()
  await server.close()
})

for (const { by, number, encrypted } of [
  { by: 'caller', number: '13900139021', encrypted: false },
  { by: 'agent', number: '13900139022', encrypted: true },
] as const) {
  t.test(
    `[PEER4] a browser behind Janus' SIP plugin calls${encrypted ? ' with SRTP' : ''}, holds, presses keys; the ${by} hangs up`,
    async t => {
      const phone = await JanusPhone.open(janus, callerBrowser, number)
      t.teardown(() => phone.close())
      await phone.call(`sip:4008001234@${server.sipHost}:${server.sipPort}`, {
        whileRinging: () => agent.answer(),
        encrypted,
      })
      await agent.hears(CALLER_HZ)
      await phone.hears(AGENT_HZ)

      await phone.hold()
      await agent.by('held').waitFor()
      await sleep(1000)
      await phone.resume()
      await agent.by('held').waitFor({ state: 'detached' })
      await agent.hears(CALLER_HZ)
      await phone.hears(AGENT_HZ)

      await phone.press('42')
      await sleep(600)
      await phone.hears(AGENT_HZ)

      if (by === 'caller') await phone.hangUp()
      else await agent.hangUp()
      await phone.event('hangup')
      await agent.by('hang-up').waitFor({ state: 'detached' })

      const sealed = await sealedVoices(server, number)
      t.match(sealed.end, { cause: by === 'caller' ? 'caller-hung-up' : 'agent-hung-up' })
      t.same(sealed.findings, [], 'the record adds up')
      t.same(sealed.holds, ['voice.held caller', 'voice.retrieved caller'])
      t.equal(sealed.digits, '42')
      const caller = await sealed.tone('caller-voice', CALLER_HZ)
      const agentVoice = await sealed.tone('agent-voice', AGENT_HZ)
      t.ok(caller.share > 0.7 && caller.ms > 1000, `caller in the archive: ${JSON.stringify(caller)}`)
      t.ok(agentVoice.share > 0.7 && agentVoice.ms > 1000, `agent in the archive: ${JSON.stringify(agentVoice)}`)
    },
  )
}
