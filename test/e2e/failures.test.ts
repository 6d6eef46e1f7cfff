import { spawnSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { SimulatedAgent } from '../../scripts/bench/simulated/simulated-agent.ts'
import { SipServer } from '../../signaling/sip/embedded/sip-server.ts'
import { RawPeer } from '../../signaling/sip/embedded/testing/raw-peer.ts'
import { TcpWire } from '../doubles/tcp-wire.ts'
import { InnerServer, OuterServer } from '../harness/app.ts'
import { readManifest } from '../harness/archive-reader.ts'
import { freePort } from '../harness/free-port.ts'
import { childrenOfThis, openHandles } from '../harness/left-open.ts'
import { SimulatedTalk } from '../harness/simulated-talk.ts'
import { until, within } from '../harness/until.ts'

/** Each failure has a clear refusal or a state that is seen; no call hangs, and closing leaves nothing. */
t.setTimeout(200_000)

const UNRESOLVED = { name: 'trunk', proxy: 'sip:no-such-host.invalid', fromNumber: '4008001234', assertIdentity: false }
const DIAL = { allow: ['*'], maxCalls: 5, maxCallsPerAgent: 1, callsPerMinute: 30, callsPerMinutePerAgent: 10 }

t.test(
  '[FA20] no RTP port left: 503 before it rings, with Retry-After, counted; the calls that are there go on',
  async t => {
    // Two ports a call: one call, and nothing for a second.
    const minPort = 29_000 + 2 * Math.floor(Math.random() * 400)
    const server = await InnerServer.start({ rtp: { minPort, maxPort: minPort + 1 } })
    t.teardown(() => server.close())
    const talk = await SimulatedTalk.start(server)
    t.teardown(() => talk.close())
    const peer = await RawPeer.create(server.sipPort)
    t.teardown(() => peer.close())
    peer.request('INVITE')
    const refused = await peer.nextResponse(503)
    t.equal(refused.get('retry-after'), '10')
    t.notOk(
      peer.waiting.some(one => one.kind === 'response' && one.status === 180),
      'it never rang',
    )
    const metrics = await server.plain('/metrics')
    t.match(await metrics.text(), /tongping_calls_total\{result="refused-503"\} 1/)
    await talk.bothHear()
  },
)

t.test(
  '[FA21] the disk is full: the voices go on, the agent sees it, and with room again the record goes on',
  async t => {
    // A limit on the size of files is the full disk that a test may have; without a handler its signal would end the process.
    const handler = 'process.on("SIGXFSZ",()=>undefined)'
    const server = await OuterServer.start({
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(handler)}` },
    })
    t.teardown(() => server.close())
    const talk = await SimulatedTalk.start(server)
    t.teardown(() => talk.close())
    await talk.bothHear()
    const limit = (bytes: string) => spawnSync('prlimit', [`--pid=${server.pid}`, `--fsize=${bytes}`]).status
    t.equal(limit('65536:unlimited'), 0)
    await until('the degraded recorder', () => talk.view?.recording === 'degraded', { timeoutMs: 60_000 })
    await talk.bothHear()
    t.equal(limit('unlimited:unlimited'), 0)
    await sleep(2000)
    t.equal(await talk.call.hangUp(), 200)
    const manifest = await readManifest(await server.sealedArchive())
    t.match(manifest.end, { cause: 'caller-hung-up' })
    const lost = manifest.tracks.map(one => one.packetsReceived - one.packets)
    t.comment(`packets lost by track: ${lost.join(', ')}`)
  },
)

t.test(
  '[FA22] a trunk whose name cannot be resolved: a state that is seen, a refusal in words, nothing hangs',
  async t => {
    const server = await InnerServer.start({
      trunk: {
        trunk: UNRESOLVED,
        line: { register: { expiresS: 600 } },
        dial: DIAL,
      },
    })
    t.teardown(() => server.close())
    await until('the state of the trunk', async () => {
      const { checks, status } = (await (await server.plain('/healthz')).json()) as {
        checks: { trunk?: string }
        status: string
      }
      return checks.trunk === 'failed' && status === 'ok'
    })
    const agent = await SimulatedAgent.signIn(server.url, await server.person('agent'))
    t.teardown(() => agent.close())
    const ends: unknown[] = []
    agent.signaling.on('call.changed', ({ call }) => {
      if (call.phase === 'ended') ends.push(call.end)
    })
    await agent.dial('10086').catch(() => undefined)
    await until('the end of the call', () => ends.length > 0, { timeoutMs: 40_000 })
    t.match(ends[0], { cause: 'not-reached', failure: 'unreachable' })
  },
)

t.test('[FA23] no SIP server at the start: one clear line for the operator, and nothing is left open', async t => {
  const before = { handles: openHandles(), children: await childrenOfThis() }
  const port = await freePort()
  await t.rejects(
    InnerServer.start({ sip: { kind: 'drachtio', host: '127.0.0.1', port, secret: 'x' } }),
    /TONGPING_DRACHTIO_HOST: no drachtio-server at 127\.0\.0\.1:\d+/,
  )
  await nothingLeft(before)
  t.pass('nothing was left')
})

t.test(
  '[FA24] closing while the SIP server is away, a trunk is out of reach and a call is on: nothing is left',
  async t => {
    const before = { handles: openHandles(), children: await childrenOfThis() }
    const serving = await SipServer.create({
      control: { host: '127.0.0.1', port: 0, secret: 'x' },
      listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    })
    const wire = await TcpWire.lay(() => serving.controlPort)
    const server = await InnerServer.start({
      sip: { kind: 'drachtio', host: '127.0.0.1', port: wire.port, secret: 'x' },
      trunk: {
        trunk: UNRESOLVED,
        line: { register: { expiresS: 600 }, keepAliveMs: 1000 },
        dial: DIAL,
      },
    })
    const sipPort = Number(serving.hostports[0]?.split(':').at(-1))
    const talk = await SimulatedTalk.start(server, { sip: { transport: 'udp', host: '127.0.0.1', port: sipPort } })
    await talk.bothHear()
    wire.cut({ closed: true })
    await sleep(300)
    await within('closing', 20_000, server.close())
    talk.close()
    await serving.close()
    await wire.close()
    await nothingLeft(before)
    t.pass('nothing was left')
  },
)

async function nothingLeft(before: { handles: readonly string[]; children: readonly number[] }): Promise<void> {
  await until(
    'only what was there before',
    async () => {
      const extra = (await childrenOfThis()).filter(pid => !before.children.includes(pid))
      return extra.length === 0 && openHandles().length <= before.handles.length
    },
    { timeoutMs: 15_000 },
  )
}
