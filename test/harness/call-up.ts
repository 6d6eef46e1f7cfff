import type { G711Codec } from '../../scripts/simulated-caller/g711.ts'
import type { PhoneCall } from '../../scripts/simulated-caller/phone-call.ts'
import type { SampleSource } from '../../scripts/simulated-caller/sample-source.ts'
import { SipPhone } from '../../scripts/simulated-caller/sip-phone.ts'
import { wallClockMs } from '../../scripts/simulated-caller/voice-stream.ts'
import type { AgentPage } from './agent-page.ts'
import type { TestServer } from './app.ts'
import { dominantHz, shareOf } from './tone.ts'
import { until, within } from './until.ts'

export type CallUp = { readonly phone: SipPhone; readonly call: PhoneCall }

/** A SIP phone calls, hears ringing, and the agent answers. */
export async function callUp(o: {
  server: TestServer
  agent: AgentPage
  says: SampleSource
  number?: string
  transport?: 'udp' | 'tcp'
  codecs?: readonly G711Codec[]
  /** Before the agent answers. */
  whileRinging?: () => Promise<void>
}): Promise<CallUp> {
  const phone = await SipPhone.create({ server: o.server.sip(o.transport ?? 'udp'), number: o.number ?? '13800138000' })
  const call = await phone.call('4008001234', { says: o.says, ...(o.codecs ? { codecs: o.codecs } : {}) })
  await within('the ringing', 5000, call.rings)
  await o.whileRinging?.()
  await o.agent.answer()
  await within('the answer', 10_000, call.answered)
  return { phone, call }
}

/** Resolves when the last `windowMs` heard at the SIP side are mostly the given tone. */
export function phoneHears(
  call: PhoneCall,
  hz: number,
  o: { timeoutMs?: number; windowMs?: number } = {},
): Promise<number> {
  return until(
    `${hz} Hz at the SIP side`,
    () => {
      const now = wallClockMs()
      const samples = call.voice.samplesBetween(now - (o.windowMs ?? 1000), now)
      const strongest = dominantHz(samples, 8000)
      return strongest !== undefined && Math.abs(strongest - hz) <= 20 && shareOf(hz, samples, 8000) > 0.3 && strongest
    },
    { timeoutMs: o.timeoutMs ?? 10_000 },
  )
}

/** The longest time without an RTP packet at the SIP side between two moments. */
export function longestGapMs(call: PhoneCall, fromMs: number, toMs: number): number {
  const times = [fromMs, ...call.voice.heard.map(packet => packet.atMs).filter(at => at >= fromMs && at < toMs), toMs]
  return Math.max(...times.slice(1).map((at, index) => at - (times[index] ?? at)))
}
