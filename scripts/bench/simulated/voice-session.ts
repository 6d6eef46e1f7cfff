import { within } from '../../../test/harness/until.ts'
import type { PhoneCall } from '../../simulated-caller/phone-call.ts'
import { type SampleSource, silence } from '../../simulated-caller/sample-source.ts'
import { SipPhone } from '../../simulated-caller/sip-phone.ts'
import type { BenchServer } from '../bench-server.ts'
import { SimulatedAgent } from './simulated-agent.ts'

/** A call with voices only: a telephone (real SIP and RTP) and an agent without a browser (real WebSocket, ICE, DTLS-SRTP). */
export type VoiceSession = {
  readonly sip: SipPhone
  readonly call: PhoneCall
  readonly agent: SimulatedAgent
  /** From the INVITE to the 180: what we add to the time after dialling. */
  readonly ringMs: number
  /** From the first packet of the agent's microphone to the 200. */
  readonly answerMs: number
  close(): void
}

/** `index` chooses the agent and the number. */
export async function startVoiceSession(
  server: BenchServer,
  index: number,
  says: SampleSource = silence,
): Promise<VoiceSession> {
  const number = `138${String(index).padStart(8, '0')}`
  const agent = await SimulatedAgent.signIn(server.server.url, server.agent(index))
  const sip = await SipPhone.create({ server: server.server.sip('udp'), number })
  const dialledMs = performance.now()
  const call = await sip.call('4008001234', { says, codecs: ['PCMU'] })
  await within('the ringing', 5000, call.rings)
  const ringMs = performance.now() - dialledMs
  await agent.answer(number)
  const spokeMs = performance.now()
  agent.speak()
  const speaking = setInterval(() => agent.speak(), 20)
  try {
    await within('the answer', 10_000, call.answered)
  } finally {
    clearInterval(speaking)
  }
  return {
    sip,
    call,
    agent,
    ringMs,
    answerMs: performance.now() - spokeMs,
    close() {
      agent.close()
      sip.close()
    },
  }
}
