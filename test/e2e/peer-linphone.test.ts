import { setTimeout as delay } from 'node:timers/promises'
import t from 'tap'
import { CallFailed } from '../../signaling/sip/call-leg.ts'
import { OUR_HZ, type OurSide, openLegRig, PEER_HZ } from '../harness/peers/leg-rig.ts'
import { Linphone } from '../harness/peers/linphone.ts'
import { until } from '../harness/until.ts'

t.setTimeout(60_000)
const TRANSFERRED_HZ = 520

async function bothHear(ours: OurSide, peer: Linphone): Promise<void> {
  await Promise.all([ours.hears(PEER_HZ), peer.hears(OUR_HZ)])
}
async function linphone(
  t: { teardown(fn: () => unknown): void },
  o: Partial<Parameters<typeof Linphone.start>[0]>,
): Promise<Linphone> {
  const peer = await Linphone.start({ saysHz: PEER_HZ, ...o })
  t.teardown(() => peer.close())
  return peer
}

for (const { transport, mediaEncryption, codecs } of [
  // Its SDP names an IPv6 address of its own, the rest is IPv4.
  { transport: 'udp', mediaEncryption: 'none', codecs: ['PCMA', 'PCMU', 'opus'] },
  { transport: 'tls', mediaEncryption: 'srtp', codecs: ['G722', 'PCMA'] },
] as const) {
  t.test(
    `[PEER12] linphone over ${transport}, ${codecs[0]}, encryption ${mediaEncryption}: its hold, ours, keys both ways, its BYE`,
    async t => {
      const srtp = mediaEncryption === 'srtp' ? 'required' : 'off'
      const { server, sides } = await openLegRig(t, { transport, srtp, codecs: [codecs[0]] })
      const peer = await linphone(t, { transport, mediaEncryption, codecs })
      await peer.call(peer.uriAt(server, '4000'))
      const ours = await until('our side', () => sides.find(side => side.leg))
      const keys: string[] = []
      ours.edge.onState(state => {
        if (state.kind === 'dtmf' && state.phase === 'end') keys.push(state.digit)
      })
      t.match(
        { codec: ours.edge.codec, encrypted: ours.edge.encrypted },
        { codec: codecs[0], encrypted: srtp !== 'off' },
      )
      await bothHear(ours, peer)

      peer.say('pause')
      await until('held', () => ours.edge.held.byPeer)
      await delay(500)
      peer.say('resume')
      await until('retrieved', () => !ours.edge.held.byPeer)
      await bothHear(ours, peer)

      ours.edge.holdByUs('sendonly')
      await ours.offer()
      await delay(500)
      ours.edge.holdByUs(undefined)
      await ours.offer()
      await bothHear(ours, peer)

      await ours.edge.sendDtmf('7')
      await peer.says(/Receiving tone 7/)
      await ours.leg?.info('3', 160)
      await peer.says(/Receiving tone 3/)
      peer.say('5')
      await until('its key', () => keys.length > 0)
      t.same(keys, ['5'])
      peer.say('terminate')
      await until('the end', () => ours.leg?.gone.aborted)
      t.match(ours.leg?.gone.reason, { by: 'peer' })
    },
  )
}

t.test('[PEER12] we call linphone: it rings, takes the call, and both hear; another call it does not want', async t => {
  const { dial } = await openLegRig(t)
  const peer = await linphone(t, { number: '1001' })
  const { ours, leg } = await dial(peer)
  await bothHear(ours, peer)
  await leg.hangUp()
  await peer.says(/Call 1 .*ended/)

  const refused = dial(peer, { answers: false }).catch(error => error)
  await peer.says(/incoming call .*assigned id 2/)
  peer.say('terminate')
  const failed = await refused
  t.ok(failed instanceof CallFailed, `${failed}`)
  t.match(failed, { kind: 'rejected', status: 603 })
})

t.test('[PEER12] linphone goes where we send it; it may not send us anywhere', async t => {
  const { server, sides } = await openLegRig(t)
  const first = await linphone(t, { number: '1001' })
  const second = await linphone(t, { number: '1002', saysHz: TRANSFERRED_HZ, answers: 'auto' })
  await first.call(first.uriAt(server, '4000'))
  const ours = await until('our side', () => sides.find(side => side.leg))
  await bothHear(ours, first)

  first.say('transfer sip:9999@127.0.0.1:9')
  await delay(1000)
  t.notOk(ours.leg?.gone.aborted, 'a REFER to us is refused and the call stands')
  await bothHear(ours, first)

  const progress: number[] = []
  await ours.leg?.refer({ to: `sip:1002@127.0.0.1:${second.sipPort}` }, ({ status }) => progress.push(status))
  t.same(progress, [100, 200])
  await Promise.all([first.hears(TRANSFERRED_HZ), second.hears(PEER_HZ)])
})

t.test(
  '[PEER13] an attended transfer between two linphones: the second call takes the place of ours there (Replaces)',
  async t => {
    const { dial } = await openLegRig(t)
    const first = await linphone(t, { number: '1001' })
    const second = await linphone(t, { number: '1002', saysHz: TRANSFERRED_HZ })
    const one = await dial(first)
    const two = await dial(second)
    await two.ours.hears(TRANSFERRED_HZ)
    await one.leg.refer({ leg: two.leg }, () => {})
    await until('our second call to be replaced', () => two.leg.gone.aborted)
    t.match(two.leg.gone.reason, { by: 'peer' })
    await Promise.all([first.hears(TRANSFERRED_HZ), second.hears(PEER_HZ)])
  },
)
