import { Device } from 'mediasoup-client'
import type { RtpCapabilities as DeviceCapabilities } from 'mediasoup-client/types'
import type { ConsumerParams, RtpCapabilities } from '../../signaling/protocol/media.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'
import { Store } from '../shared/console/store.ts'
import { RequestRefused } from '../shared/socket.ts'
import { type LinkState, MediaLink, type MediaSignaling } from './media-link.ts'
import type { Microphone } from './microphone.ts'

export type MediaState = {
  readonly link: 'off' | LinkState
  /** The caller's voice; one stream object per attachment. */
  readonly voice: MediaStream | undefined
  /** The caller's camera while a track of it is consumed. */
  readonly picture: MediaStream | undefined
}
const OFF: MediaState = { link: 'off', voice: undefined, picture: undefined }

/** Voice and picture of the call this page speaks in. The socket may come and go; media stays until told otherwise. */
export class AgentMedia {
  readonly state = new Store<MediaState>(OFF)
  readonly #signaling: MediaSignaling
  readonly #microphone: Microphone
  readonly #onLost: () => void
  readonly #onFailed: (what: 'voice' | 'picture', error: unknown) => void
  #device: Promise<Device> | undefined
  #link: MediaLink | undefined
  #speaks = true
  /** Consumers may be announced before the reply that carries their transport has been worked through. */
  #early: ConsumerParams[] | undefined

  constructor(o: {
    signaling: MediaSignaling
    microphone: Microphone
    /** The path to the room is gone; only attaching anew helps. */
    onLost: () => void
    onFailed: (what: 'voice' | 'picture', error: unknown) => void
  }) {
    this.#signaling = o.signaling
    this.#microphone = o.microphone
    this.#onLost = o.onLost
    this.#onFailed = o.onFailed
    o.microphone.onReplaced(track => {
      if (this.#speaks) this.#link?.replaceMicrophone(track).catch((error: unknown) => this.#onFailed('voice', error))
    })
  }

  /** The capabilities are the same in every room, so the device is loaded once, before any call. */
  load(routerRtpCapabilities: RtpCapabilities): void {
    this.#device ??= (async () => {
      const device = await Device.factory()
      await device.load({ routerRtpCapabilities: routerRtpCapabilities as DeviceCapabilities })
      return device
    })()
  }

  /** What this browser can receive; goes with the answer, so that consumers can be pushed at once. */
  async capabilities(): Promise<RtpCapabilities> {
    if (!this.#device) throw new Error('not loaded')
    return (await this.#device).recvRtpCapabilities as RtpCapabilities
  }

  /** Call before asking for a session: consumers announced from now on belong to it. */
  expect(): void {
    this.#early = []
  }

  /** Takes the session up. The former attachment plays on until this one stands. */
  async attach(session: AgentSession, speaks: boolean): Promise<void> {
    if (!this.#device) throw new Error('not loaded')
    const former = this.#link
    const voice = new MediaStream()
    const link: MediaLink = new MediaLink(await this.#device, session, this.#signaling, {
      onState: state => this.#change(link, media => ({ ...media, link: state })),
      onTrack: track => this.#add(link, track),
      onTrackGone: track => this.#remove(link, track),
      onLost: () => {
        if (this.#link === link) this.#onLost()
      },
    })
    this.#link = link
    this.state.update(state => ({ ...state, link: 'connecting', voice }))
    const early = this.#early ?? []
    this.#early = undefined
    // The microphone may still wait for a person's permission; listening does not wait for it.
    this.#speaks = speaks && session.voiceCodec !== undefined
    if (this.#speaks) this.#speak(link)
    await Promise.all(early.map(params => this.#consume(link, params)))
    former?.close()
    this.state.update(state => (state.picture?.active === false ? { ...state, picture: undefined } : state))
  }

  /** Whether the microphone is wanted: an agent may speak by a telephone instead. It is let go when it is not. */
  setSpeaks(speaks: boolean): void {
    if (!this.#link || this.#speaks === speaks) return
    this.#speaks = speaks
    if (speaks) this.#speak(this.#link)
    else {
      this.#link.hush()
      this.#microphone.close()
    }
  }

  /** @throws Error without an attachment, RequestRefused when the call has no such tool */
  async share(track: MediaStreamTrack): Promise<void> {
    if (!this.#link) throw new Error('not attached')
    await this.#link.share(track)
  }

  stopShare(): void {
    this.#link?.stopShare()
  }

  consume(params: ConsumerParams): void {
    if (this.#early) this.#early.push(params)
    else if (this.#link) void this.#consume(this.#link, params)
  }

  drop(consumerId: string): void {
    this.#early = this.#early?.filter(params => params.id !== consumerId)
    this.#link?.drop(consumerId)
  }

  /** The call is over: transports go, the microphone stays warm for the next one. */
  detach(): void {
    this.#early = undefined
    const link = this.#link
    this.#link = undefined
    link?.close()
    this.state.update(() => OFF)
  }

  close(): void {
    this.detach()
    this.#microphone.close()
  }

  #speak(link: MediaLink): void {
    this.#microphone
      .track()
      .then(track => (this.#speaks ? link.speak(track) : undefined))
      .catch((error: unknown) => {
        if (this.#link === link) this.#onFailed('voice', error)
      })
  }

  /** A picture that cannot be shown must not disturb the voice, so it is only reported. */
  async #consume(link: MediaLink, params: ConsumerParams): Promise<void> {
    try {
      await link.consume(params)
    } catch (error) {
      if (this.#link !== link || isOver(error)) return
      if (params.kind === 'audio') this.#onLost()
      else this.#onFailed('picture', error)
    }
  }

  #change(link: MediaLink, change: (state: MediaState) => MediaState): void {
    if (this.#link === link) this.state.update(change)
  }

  #add(link: MediaLink, track: MediaStreamTrack): void {
    this.#change(link, state => {
      if (track.kind === 'video') return { ...state, picture: new MediaStream([track]) }
      state.voice?.addTrack(track)
      return { ...state }
    })
  }

  #remove(link: MediaLink, track: MediaStreamTrack): void {
    this.#change(link, state => {
      state.voice?.removeTrack(track)
      const shown = state.picture?.getVideoTracks().includes(track)
      return shown ? { ...state, picture: undefined } : { ...state }
    })
  }
}

/** The track went away while we built our half of it; nothing is wrong. */
function isOver(error: unknown): boolean {
  return error instanceof RequestRefused && ['not-found', 'gone', 'lost'].includes(error.code)
}
