import type { Page } from 'playwright-core'
import t from 'tap'
import { Coturn } from '../harness/coturn.ts'
import { NETWORKS } from '../harness/impaired/conditions.ts'
import { NetworkCall } from '../harness/network-call.ts'

t.setTimeout(200_000)

/** How the phone's chosen path leaves it: `udp host`, `udp relay`, `tcp host` … */
async function pathOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const peer = window.observedPeers.findLast(one => one.connectionState === 'connected')
    const all: Record<string, unknown>[] = []
    for (const entry of (await peer?.getStats())?.values() ?? []) all.push(entry)
    const transport = all.find(entry => entry.type === 'transport')
    const pair = all.find(entry => entry.id === transport?.selectedCandidatePairId)
    const local = all.find(entry => entry.id === pair?.localCandidateId)
    return `${String(local?.protocol)} ${String(local?.candidateType)}`
  })
}

t.test(
  '[NET15] no datagram to the server: the picture comes through TURN, with credentials made for this session',
  async t => {
    const coturn = await Coturn.start()
    t.teardown(() => coturn.close())
    const call = await NetworkCall.start({
      conditions: NETWORKS.noUdp,
      exempt: port => coturn.isRelay(port),
      webrtc: { turn: { urls: [coturn.url], secret: coturn.secret } },
    })
    t.teardown(() => call.close())
    await call.join()
    await call.told('camera.live', { timeoutMs: 60_000 })
    await call.keyFrameAfter(0, 60_000)
    // Behind the test's own proxy the server sees the relay under another port: its answer makes a peer-reflexive candidate.
    t.match(await pathOf(call.phone.page), /^udp (relay|prflx)$/)
    t.ok(call.network.counts.udp.up > 0, 'nothing but the relay’s own ports may pass')
    t.equal(call.view?.rung ?? 'live', 'live', 'video, not stills')
    const log = coturn.output.join('')
    t.match(log, /ALLOCATE processed, success/, 'coturn took the credentials')
    t.ok(log.includes(`user <`) && log.includes('part_'), 'which name session and expiry')
  },
)

t.test('[NET15] no datagrams at all: the picture comes over the server’s TCP candidate', async t => {
  const call = await NetworkCall.start({ conditions: NETWORKS.noUdp, tcp: 'direct' })
  t.teardown(() => call.close())
  await call.join()
  await call.told('camera.live', { timeoutMs: 60_000 })
  await call.keyFrameAfter(0, 60_000)
  t.match(await pathOf(call.phone.page), /^tcp/)
})
