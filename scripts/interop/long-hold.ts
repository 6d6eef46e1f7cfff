// How long a call on hold lives behind Kamailio and rtpengine, in real time, and whether both voices are back after it:
// `node scripts/interop/long-hold.ts [minutes]`, 12 when not given. Nothing of it is simulated but the people.
import { setTimeout as delay } from 'node:timers/promises'
import { Kamailio } from '../../test/harness/peers/kamailio.ts'
import { openLegRig } from '../../test/harness/peers/leg-rig.ts'
import { RtpEngine } from '../../test/harness/peers/rtpengine.ts'
import { until } from '../../test/harness/until.ts'

const minutes = Number(process.argv[2] ?? 12)
const closers: (() => unknown)[] = []
const rig = await openLegRig({ teardown: close => closers.unshift(close) })
try {
  const media = await RtpEngine.start()
  closers.unshift(() => media.close())
  const proxy = await Kamailio.start({ server: rig.server, media })
  closers.unshift(() => proxy.close())
  const held = async (by: 'the phone' | 'us') => {
    const number = by === 'us' ? '1001' : '1002'
    const peer = await rig.phone({ number, registrar: { host: proxy.sipHost, port: proxy.sipPort } })
    const { ours, leg } = await rig.dial(peer, { proxy: `sip:${proxy.sipHost}:${proxy.sipPort}` })
    await ours.bothHear(peer)
    const hold = async (on: boolean) => {
      if (by === 'us') {
        ours.edge.holdByUs(on ? 'sendonly' : undefined)
        await ours.offer()
      } else {
        await (on ? peer.hold() : peer.resume())
        await until('the hold', () => ours.edge.held.byPeer === on)
      }
    }
    await hold(true)
    console.log(`${new Date().toISOString()} on hold by ${by}, for ${minutes} minutes`)
    await delay(minutes * 60_000)
    if (leg.gone.aborted) throw new Error(`the call ended in the hold: ${JSON.stringify(leg.gone.reason)}`)
    await hold(false)
    await ours.bothHear(peer)
    console.log(`${new Date().toISOString()} both voices again after the hold by ${by}`)
    await leg.hangUp()
    await peer.ended()
  }
  await Promise.all([held('the phone'), held('us')])
  console.log('as it should be')
} catch (error) {
  console.log(error)
  process.exitCode = 1
} finally {
  for (const close of closers) await close()
}
