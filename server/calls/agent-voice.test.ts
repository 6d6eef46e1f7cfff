import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { VoiceEdge } from '../../media/edge/voice-edge.ts'
import type { UserId } from '../../signaling/protocol/ids.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { CallFailed, type CallLeg } from '../../signaling/sip/call-leg.ts'
import { makeLeg } from '../../test/doubles/edge-leg.ts'
import { HandLeg } from '../../test/doubles/hand-leg.ts'
import { RtpParty } from '../../test/doubles/rtp-party.ts'
import { until } from '../../test/doubles/until.ts'
import { AgentVoice, type AgentVoiceEvents } from './agent-voice.ts'

const agent: UserId = newId('user')
const logger = { debug() {}, info() {}, warn() {}, error() {} }

/** The caller's edge is real, the phone's too; who is called and what comes of it is the test's word. */
async function open(t: Test, o: { ringMs?: number; codecs?: readonly 'G722'[] } = {}) {
  const { edge, ports } = await makeLeg(t, { answer: false, ...(o.codecs && { codecs: o.codecs }) })
  edge.answer(undefined)
  const party = await RtpParty.create()
  const placed: { sdp: string; gaveUp: boolean; answer(): HandLeg; fail(error: Error): void }[] = []
  const phones = {
    require: () => ({ address: 'sip:201@127.0.0.1', by: 'phone' }),
    place: ({ sdp }: { sdp: string }) => {
      const { promise, resolve, reject } = Promise.withResolvers<{ leg: CallLeg; answerSdp: string }>()
      const call = {
        sdp,
        gaveUp: false,
        fail: reject,
        answer: () => {
          const leg = new HandLeg({ direction: 'out' })
          resolve({ leg, answerSdp: party.sdp() })
          return leg
        },
      }
      placed.push(call)
      const giveUp = () => {
        call.gaveUp = true
      }
      return { answered: promise, from: '', giveUp }
    },
  }
  const told: string[] = []
  const tell = (name: string) => (what?: unknown) => void told.push(what === undefined ? name : `${name} ${what}`)
  const events: AgentVoiceEvents = {
    changed() {},
    phoneAnswered: tell('answered'),
    phoneFailed: tell('failed'),
    phoneHungUp: tell('hung up'),
    phoneLost: tell('lost'),
    phoneHolds: tell('holds'),
    phoneKey: tell('key'),
    browserSpeaks: tell('browser'),
  }
  let by: VoiceEdge | undefined
  const media = {
    edge,
    speakBy: (phone: VoiceEdge | undefined) => {
      by = phone
    },
  }
  const voice = new AgentVoice({
    ...{ callId: newId('call'), caller: '13800138000', media: () => media as never, events },
    ...(o.ringMs !== undefined && { ringMs: o.ringMs }),
    deps: {
      ...{
        ports,
        logger,
        phones: () => phones,
        events: { fault: (_: string, error: unknown) => t.fail(String(error)) },
      },
      ...{ rtp: { host: '127.0.0.1', announcedAddress: '127.0.0.1' }, rules: { voiceLostMs: 5000 } },
      voice: { codecs: ['PCMA', 'PCMU', 'G722', 'opus'], srtp: 'off', holdMusic: undefined },
    } as never,
  })
  t.teardown(async () => {
    voice.close()
    party.close()
    await sleep(5)
  })
  return { voice, placed, told, by: () => by }
}

t.test(
  '[DP7] the dialog of the phone is lost, its session expires: lost; only a BYE is a receiver put down',
  async t => {
    for (const [how, expected] of [
      ['dialog-lost', 'lost'],
      ['session-expired', 'lost'],
      ['ack-timeout', 'lost'],
      ['peer', 'hung up'],
    ] as const) {
      const { voice, placed, told, by } = await open(t)
      await voice.byPhone(agent)
      t.match(voice.view, { by: 'phone', phone: 'called' })
      const leg = placed[0]!.answer()
      await until('answered', () => told.includes('answered'))
      t.ok(by(), 'the phone is the voice')
      leg.peerEnds({ by: how, cancelled: false })
      t.same(told, ['answered', expected])
      t.equal(by(), undefined, 'and is no more')
      t.match(voice.view, { by: 'phone', phone: 'lost' })
      voice.byBrowser()
      t.equal(voice.view, undefined)
      t.equal(told.at(-1), 'browser')
    }
  },
)

t.test('[DP4] nobody picks it up: given up after a while, as no answer; a late answer is hung up', async t => {
  const { voice, placed, told, by } = await open(t, { ringMs: 30 })
  await voice.byPhone(agent)
  await until('given up', () => told.length > 0)
  t.same(told, ['failed no-answer'])
  t.ok(placed[0]?.gaveUp)
  t.match(voice.view, { by: 'browser', failed: { agent, why: 'no-answer' } })
  const leg = placed[0]!.answer()
  await until('hung up', () => leg.gone.aborted)
  t.same(told, ['failed no-answer'])
  t.equal(by(), undefined)
})

t.test('[DP4] the words of a failure are those of calls out; another try forgets them', async t => {
  const { voice, placed, told } = await open(t)
  await voice.byPhone(agent)
  await voice.byPhone(agent)
  t.equal(placed.length, 1, 'asked for twice, called once')
  placed[0]?.fail(new CallFailed({ kind: 'unreachable', status: 503, reason: 'x' }))
  await until('told', () => told.length > 0)
  t.match(voice.view, { by: 'browser', failed: { why: 'unreachable' } })
  await voice.byPhone(agent)
  t.same(voice.view, { by: 'phone', phone: 'called' })
  voice.close()
  t.ok(placed[1]?.gaveUp)
})

t.test('[DP3] the phone is offered both laws of G.711, or nothing but the wide codec of the caller', async t => {
  const narrow = await open(t)
  await narrow.voice.byPhone(agent)
  t.match(narrow.placed[0]?.sdp, /m=audio \d+ RTP\/AVP 8 0 101/)
  const wide = await open(t, { codecs: ['G722'] })
  await wide.voice.byPhone(agent)
  t.match(wide.placed[0]?.sdp, /m=audio \d+ RTP\/AVP 9 101/)
  const leg = wide.placed[0]!.answer()
  await until('refused', () => wide.told.length > 0)
  t.same(wide.told, ['failed not-acceptable'], 'a phone of G.711 cannot take it')
  t.ok(leg.gone.aborted)
})

t.test('[DP7] taken into the browser: the phone is left when the microphone is heard, or if it goes first', async t => {
  const { voice, placed, told } = await open(t)
  await voice.byPhone(agent)
  const leg = placed[0]!.answer()
  await until('answered', () => told.includes('answered'))
  voice.browserHeard()
  t.notOk(leg.gone.aborted, 'a stray packet of the page changes nothing')
  voice.byBrowser()
  t.match(voice.view, { by: 'browser', phone: 'talking' })
  t.notOk(leg.gone.aborted)
  voice.browserHeard()
  await until('left', () => leg.gone.aborted)
  t.same(told, ['answered', 'browser'])

  const other = await open(t)
  await other.voice.byPhone(agent)
  const second = other.placed[0]!.answer()
  await until('answered', () => other.told.includes('answered'))
  other.voice.byBrowser()
  second.peerEnds()
  t.same(other.told, ['answered', 'browser'], 'a receiver put down while moving ends nothing')
})
