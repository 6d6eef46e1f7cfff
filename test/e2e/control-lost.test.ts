import t, { type Test } from 'tap'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import { SipServer } from '../../signaling/sip/embedded/sip-server.ts'
import { TcpWire } from '../doubles/tcp-wire.ts'
import { InnerServer } from '../harness/app.ts'
import { readManifest } from '../harness/archive-reader.ts'
import { longestGapMs } from '../harness/call-up.ts'
import { sealedVoices } from '../harness/peers/sealed-voices.ts'
import { CALLER_HZ, SimulatedTalk } from '../harness/simulated-talk.ts'
import { until, within } from '../harness/until.ts'

t.setTimeout(120_000)

const SECRET = 'control-lost-test'

/** A server with its SIP server elsewhere, as with drachtio: between them a wire that can be cut. */
async function open(t: Test) {
  const serve = (port: number) =>
    SipServer.create({
      control: { host: '127.0.0.1', port: 0, secret: SECRET },
      listen: [{ protocol: 'udp', host: '127.0.0.1', port }],
    })
  let sip = await serve(0)
  const sipPort = Number(sip.hostports[0]?.split(':').at(-1))
  const wire = await TcpWire.lay(() => sip.controlPort)
  const server = await InnerServer.start({
    sip: { kind: 'drachtio', host: '127.0.0.1', port: wire.port, secret: SECRET },
  })
  const talk = await SimulatedTalk.start(server, { sip: { transport: 'udp', host: '127.0.0.1', port: sipPort } })
  t.teardown(async () => {
    talk.close()
    await sip.close()
    await server.close()
    await wire.close()
  })
  return {
    server,
    wire,
    talk,

    async restart() {
      await sip.close()
      sip = await serve(sipPort)
    },
  }
}

t.test('[FA10] [FA11] the control connection breaks for a while: voices go on, and the call can be ended', async t => {
  const { server, wire, talk } = await open(t)
  await talk.bothHear()
  const cutAtMs = wallClockMs()
  wire.cut({ closed: true })
  await talk.bothHear()
  await new Promise(resolve => setTimeout(resolve, 1500))
  wire.mend()
  await until('another connection', () => wire.count >= 2, { timeoutMs: 10_000 })
  await talk.bothHear()
  t.ok(longestGapMs(talk.call, cutAtMs, wallClockMs()) < 500, 'the caller had a packet at least every half second')
  t.equal(await within('the confirmation of the BYE', 5000, talk.call.hangUp()), 200)
  const sealed = await sealedVoices(server, '13800138000')
  t.match(sealed.end, { cause: 'caller-hung-up' })
  const voice = await sealed.tone('caller-voice', CALLER_HZ)
  t.ok(voice.share > 0.9 && voice.ms > 1500, `the caller in the archive: ${JSON.stringify(voice)}`)
  t.same(sealed.findings, [])
})

t.test('[FA13] the SIP server is started anew: the call ends with a reason the agent is told', async t => {
  const { server, talk, restart } = await open(t)
  await talk.bothHear()
  await restart()
  await until('the agent to be told', () => talk.view?.phase === 'ended', { timeoutMs: 10_000 })
  t.match(talk.view?.end, { cause: 'line-lost', why: 'dialog-lost' })
  const folder = await server.sealedArchive()
  t.match((await readManifest(folder)).end, { cause: 'line-lost', why: 'dialog-lost' })
})
