import t from 'tap'
import { tone } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { runUsers } from '../../scripts/users.ts'
import { AgentPage } from '../harness/agent-page.ts'
import { InnerServer } from '../harness/app.ts'
import { phoneHears } from '../harness/call-up.ts'
import { TestBrowser } from '../harness/chromium.ts'
import { codeIn } from '../harness/measure-page.ts'
import { Baresip } from '../harness/peers/baresip.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { PhonePage } from '../harness/phone-page.ts'
import { until } from '../harness/until.ts'

t.setTimeout(180_000)
const [CALLER_HZ, DESK_HZ, MICROPHONE_HZ] = [440, 800, 620]

t.test(
  '[DP10] baresip is the desk phone of an agent in Chromium: the picture in the page, the voice on the phone, then in the page and back',
  async t => {
    const server = await InnerServer.start({ calls: { deskPhones: ['sip:*'] } })
    const agentBrowser = await TestBrowser.launch({ microphoneHz: MICROPHONE_HZ })
    const phoneBrowser = await TestBrowser.launch({
      phone: true,
      camera: { camera: 4, text: 'SN: 1', colour: '#0050d0' },
    })
    const desk = await Baresip.start({ number: '201', saysHz: DESK_HZ })
    t.teardown(async () => {
      await Promise.all([agentBrowser.close(), phoneBrowser.close(), desk.close()])
      await server.close()
    })
    const env = { TONGPING_DATA_DIR: server.dataDir, TONGPING_DESK_PHONES: 'sip:*' }
    await runUsers(['phone', 'agent', `sip:201@127.0.0.1:${desk.sipPort}`], { env, say: () => {}, account: 'operator' })
    const agent = await AgentPage.signIn(agentBrowser, server, await server.person('agent'))
    await until(
      'the choice',
      async () => {
        if ((await agent.by('speak-by').count()) > 0) return true
        await agent.page.reload()
        return false
      },
      { everyMs: 1000 },
    )
    await agent.by('speak-by-phone').click()

    const phone = await SipPhone.create({ server: server.sip('udp'), number: '13800138000' })
    t.teardown(() => phone.close())
    const call = await phone.call('4000', { says: tone(CALLER_HZ) })
    await agent.by('answer').click()
    await desk.control.event('CALL_INCOMING')
    await until('it rings', async () => (await agent.by('voice-state').getAttribute('data-state')) === 'phone-ringing')
    await desk.control.command('accept')
    await call.answered
    await phoneHears(call, DESK_HZ)
    await desk.echo(true)
    await phoneHears(call, CALLER_HZ)
    await desk.echo(false)
    await phoneHears(call, DESK_HZ)
    t.equal(await agent.by('voice-state').getAttribute('data-state'), 'phone-talking')

    const { link } = await agent.sendCode()
    const phonePage = await PhonePage.open(phoneBrowser, link)
    await phonePage.startCamera()
    const code = await until('a frame at the agent', () => codeIn(agent.by('remote-video')).catch(() => undefined))
    t.equal(code.camera, 4, 'the workbench shows the picture')

    await agent.by('speak-by-other').click()
    await desk.ended()
    await Promise.all([phoneHears(call, MICROPHONE_HZ), agent.hears(CALLER_HZ)])
    const since = desk.control.events.length
    await agent.by('speak-by-other').click()
    await desk.control.event('CALL_INCOMING', { since })
    await phoneHears(call, MICROPHONE_HZ)
    await desk.control.command('accept')
    await phoneHears(call, DESK_HZ)
    const again = await codeIn(agent.by('remote-video'))
    t.equal(again?.camera, 4, 'the picture went on')
    await agent.by('speak-by-other').click()
    await Promise.all([phoneHears(call, MICROPHONE_HZ), agent.hears(CALLER_HZ)])
    await agent.hangUp()
    const sealed = await sealedVoices(server, phone.number)
    t.match(sealed.end, { cause: 'agent-hung-up' })
    t.same(sealed.findings, [])
    const both = await Promise.all([sealed.tone('agent-voice', DESK_HZ), sealed.tone('agent-voice', MICROPHONE_HZ)])
    t.ok(both[0].ms > 500 && both[1].ms > 500, `both ways of speaking are in the record: ${JSON.stringify(both)}`)
    t.same([...agentBrowser.complaints, ...phoneBrowser.complaints], [])
  },
)
