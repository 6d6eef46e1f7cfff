import { within } from '../../../test/harness/until.ts'
import type { PhoneCall } from '../../simulated-caller/phone-call.ts'
import { type SampleSource, silence } from '../../simulated-caller/sample-source.ts'
import { SipPhone } from '../../simulated-caller/sip-phone.ts'
import type { BenchServer } from '../bench-server.ts'
import { SimulatedAgent } from './simulated-agent.ts'
import { SimulatedCameraPhone } from './simulated-camera-phone.ts'
import type { FilmFrame } from './vp8-film.ts'

/** One whole call as the server sees it: a telephone (SIP, RTP), an agent and a phone page (both WebSocket and DTLS-SRTP). */
export type SimulatedSession = {
  readonly sip: SipPhone
  readonly call: PhoneCall
  readonly agent: SimulatedAgent
  readonly camera: SimulatedCameraPhone
  close(): void
}

/** Sets a call up to the point where the phone may send pictures. `index` chooses the agent and the number. */
export async function startSession(
  server: BenchServer,
  index: number,
  film: readonly FilmFrame[],
  says: SampleSource = silence,
  /** Awaited when all is ready for the first word of the agent, which is what answers the call. */
  beforeAnswer: () => Promise<void> = async () => {},
): Promise<SimulatedSession> {
  const { url } = server.server
  const number = `139${String(index).padStart(8, '0')}`
  const agent = await SimulatedAgent.signIn(url, server.agent(index))
  const sip = await SipPhone.create({ server: server.server.sip('udp'), number })
  const call = await sip.call('4008001234', { says, codecs: ['PCMU'] })
  await within('the ringing', 5000, call.rings)
  await agent.answer(number)
  // The 200 OK leaves with the first packet of the microphone.
  await beforeAnswer()
  agent.speak()
  const speaking = setInterval(() => agent.speak(), 20)
  try {
    await within('the answer', 10_000, call.answered)
  } finally {
    clearInterval(speaking)
  }
  const { link } = await agent.sendCode()
  const camera = await SimulatedCameraPhone.join(url, link, film)
  return {
    sip,
    call,
    agent,
    camera,
    close() {
      camera.close()
      agent.close()
      sip.close()
    },
  }
}
