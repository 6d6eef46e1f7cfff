import type { Page } from 'playwright-core'
import type { TestBrowser } from '../chromium.ts'
import { heardTone } from '../measure-page.ts'
import { until } from '../until.ts'
import type { Janus } from './janus.ts'

type Jsep = { readonly type: 'offer' | 'answer'; readonly sdp: string }
type JanusMessage = {
  readonly janus: string
  readonly data?: { readonly id: number }
  readonly error?: { readonly reason: string }
  readonly plugindata?: { readonly data: { readonly error?: string; readonly result?: JanusEvent } }
  readonly jsep?: Jsep
}
export type JanusEvent = { readonly event: string; readonly code?: number; readonly reason?: string }

/**
 * A telephone in a browser behind Janus' SIP plugin. The browser's half (microphone, WebRTC) is a real Chromium; Janus is asked
 * over its HTTP interface from here, so that no page of our own has to speak it.
 */
export class JanusPhone {
  readonly page: Page
  /** Everything the SIP plugin told, in order. */
  readonly events: JanusEvent[] = []
  readonly #session: string
  readonly #handle: string
  readonly #stop = new AbortController()
  #listening: Promise<void> = Promise.resolve()
  #answer: Jsep | undefined

  private constructor(page: Page, session: string, handle: string) {
    this.page = page
    this.#session = session
    this.#handle = handle
  }

  /** Opens a page for the browser's half and makes a guest at Janus with that number. */
  static async open(janus: Janus, browser: TestBrowser, number: string): Promise<JanusPhone> {
    // Any page of a host that counts as secure: a microphone is given to no other.
    const page = await browser.page(`${janus.url}/janus/info`)
    const session = `${janus.url}/janus/${(await ask(`${janus.url}/janus`, { janus: 'create' })).data?.id}`
    const attached = await ask(session, { janus: 'attach', plugin: 'janus.plugin.sip' })
    const phone = new JanusPhone(page, session, `${session}/${attached.data?.id}`)
    phone.#listening = phone.#listen()
    await phone.#request({ request: 'register', type: 'guest', username: `sip:${number}@${janus.sipHost}` })
    await phone.event('registered')
    return phone
  }

  /** Calls; resolves when the call is up and the browser has the answer. `encrypted`: SRTP with SDES keys between Janus and the callee. */
  async call(uri: string, o: { whileRinging?: () => Promise<void>; encrypted?: boolean } = {}): Promise<void> {
    const offer = await this.page.evaluate(makeOffer)
    await this.#request(
      { request: 'call', uri, ...(o.encrypted && { srtp: 'sdes_mandatory' }) },
      { type: 'offer', sdp: offer },
    )
    await this.event('ringing')
    await o.whileRinging?.()
    await this.event('accepted')
    const answer = await until('the answer at Janus', () => this.#answer)
    await this.page.evaluate(takeAnswer, answer.sdp)
  }
  async hold(): Promise<void> {
    await this.#request({ request: 'hold', direction: 'sendonly' })
  }
  async resume(): Promise<void> {
    await this.#request({ request: 'unhold' })
  }
  async hangUp(): Promise<void> {
    await this.#request({ request: 'hangup' })
  }
  /** Keys as the browser sends them: RFC 4733. */
  async press(digits: string): Promise<void> {
    await this.page.evaluate(pressKeys, digits)
  }

  event(name: string, timeoutMs = 10_000): Promise<JanusEvent> {
    return until(`${name} at Janus`, () => this.events.find(event => event.event === name), { timeoutMs }).catch(
      error => {
        throw new Error(`${error.message}; told: ${JSON.stringify(this.events)}`)
      },
    )
  }
  hears(hz: number, timeoutMs = 10_000): Promise<number> {
    return until(
      `${hz} Hz behind Janus`,
      async () => {
        const heard = await heardTone(this.page, 400)
        return heard && Math.abs(heard.hz - hz) < 20 && heard.hz
      },
      { timeoutMs },
    )
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#listening
    await ask(this.#session, { janus: 'destroy' }).catch(() => undefined)
    await this.page.close()
  }

  async #request(body: object, jsep?: Jsep): Promise<void> {
    await ask(this.#handle, { janus: 'message', body, ...(jsep ? { jsep } : {}) })
  }

  /** Janus' events come by long polling. */
  async #listen(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const answer = await fetch(`${this.#session}?maxev=5`, { signal: this.#stop.signal }).catch(() => undefined)
      if (!answer?.ok) return
      for (const message of [await answer.json()].flat() as JanusMessage[]) {
        if (message.jsep?.type === 'answer') this.#answer = message.jsep
        const { result, error } = message.plugindata?.data ?? {}
        if (result?.event) this.events.push(result)
        if (error) this.events.push({ event: 'error', reason: error })
      }
    }
  }
}

async function ask(url: string, body: object): Promise<JanusMessage> {
  const answer = await fetch(url, {
    method: 'POST',
    body: JSON.stringify({ ...body, transaction: `${Math.random()}` }),
    signal: AbortSignal.timeout(5000),
  })
  const message = (await answer.json()) as JanusMessage
  if (message.janus === 'error') throw new Error(`Janus: ${message.error?.reason}`)
  return message
}

declare global {
  interface Window {
    janusPeer?: RTCPeerConnection
  }
}

/** These run in the page. */
async function makeOffer(): Promise<string> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true })
  const peer = new RTCPeerConnection()
  window.janusPeer = peer
  for (const track of stream.getTracks()) peer.addTrack(track, stream)
  await peer.setLocalDescription(await peer.createOffer())
  await new Promise<void>(done => {
    if (peer.iceGatheringState === 'complete') done()
    peer.addEventListener('icegatheringstatechange', () => peer.iceGatheringState === 'complete' && done())
  })
  return peer.localDescription?.sdp ?? ''
}
async function takeAnswer(sdp: string): Promise<void> {
  const peer = window.janusPeer
  if (!peer) throw new Error('no offer was made')
  await peer.setRemoteDescription({ type: 'answer', sdp })
  // Chromium decodes a voice only when somebody plays it.
  const audio = document.body.appendChild(document.createElement('audio'))
  audio.srcObject = new MediaStream(peer.getReceivers().map(receiver => receiver.track))
  await audio.play()
}
function pressKeys(digits: string): void {
  window.janusPeer?.getSenders()[0]?.dtmf?.insertDTMF(digits, 120, 80)
}
