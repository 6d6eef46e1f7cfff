import { PortsExhausted } from '../../media/edge/port-pool.ts'
import { SdpRefusal, type SrtpMode } from '../../media/edge/remote-voice.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import { XmlRefused } from '../../signaling/sip/siprec/read-xml.ts'
import type { RecordingLeg } from '../../signaling/sip/siprec/recording-leg.ts'
import {
  hasGaps,
  mergeMetadata,
  type RecordingMetadata,
  readRecordingMetadata,
} from '../../signaling/sip/siprec/recording-metadata.ts'
import type { Agent } from '../calls/agent-seat.ts'
import type { Call } from '../calls/call.ts'
import type { CallDeps } from '../calls/call-parts.ts'
import type { VoiceSource } from '../calls/external-voice.ts'
import type { TappedEdge } from '../capture/voice-recorder.ts'
import type { ExternalCalls } from './external-calls.ts'
import { LineSpeakers } from './line-speakers.ts'
import { type RecordedParties, userOfAor } from './recorded-parties.ts'
import { RECORDED_CODECS, RecordedVoice } from './recorded-voice.ts'

export type SiprecCallsOptions = {
  readonly external: ExternalCalls
  readonly deps: Pick<CallDeps, 'ports' | 'rtp' | 'events' | 'logger'>
  readonly srtp: SrtpMode
  /** The agent whose telephone has this address of record. */
  readonly agentOf: (aor: string) => Agent | undefined
  readonly limitMs: number
}

/** SIP's own words for what a recording client is refused with. */
class RecordingRefused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** The recording server (SRS) of RFC 7866: clients hand us calls of theirs, described by RFC 7865, and both voices. */
export class SiprecCalls {
  readonly #o: SiprecCallsOptions
  constructor(o: SiprecCallsOptions) {
    this.#o = o
  }

  async onRecording(leg: RecordingLeg): Promise<void> {
    const { events } = this.#o.deps
    try {
      await this.#record(leg)
    } catch (error) {
      if (leg.gone.aborted) return
      const { status, why } = refusalOf(error)
      if (status === 500) events.fault('SIPREC', error)
      events.callRefused(status, `recording: ${why}`)
      leg.reject(status, why)
    }
  }

  async #record(leg: RecordingLeg): Promise<void> {
    const speakers = new LineSpeakers(this.#read(leg), this.#o.agentOf)
    const { rtp, ports } = this.#o.deps
    const voice = new RecordedVoice({
      ports,
      listenAddress: rtp.host,
      announcedAddress: rtp.announcedAddress,
      sipSourceAddress: leg.sourceAddress,
      codecs: RECORDED_CODECS,
      srtp: this.#o.srtp,
      directionOf: (label, line) => speakers.directionOf(label, line),
      key: digit => {
        if (call?.phase === 'talking') call.live.capture.key(digit)
      },
      // Whoever hands us the voices pauses, or goes on.
      active: active => {
        if (call?.phase === 'talking')
          call.live.log.write(active ? { type: 'voice.attached', codec: voice.codec } : { type: 'voice.detached' })
      },
    })
    let call: Call | undefined
    let answering = 0
    const look = () => {
      if (answering > 0) return
      const change = speakers.look(voice.labels)
      if (change && call?.phase === 'talking') call.live.log.write({ type: 'voice.speakers', ...change })
    }
    try {
      // First: a call without a voice that can be recorded opens nothing.
      const sdp = await voice.answer(leg.offerSdp)
      call = await this.#call(leg, speakers)
      leg.onMetadata(document => {
        speakers.described(this.#updated(leg, speakers.metadata, document))
        // What comes with an offer is looked at when that is answered.
        setImmediate(look)
      })
      leg.onOffer(async offer => {
        answering += 1
        try {
          return { sdp: await voice.answer(offer) }
        } catch (error) {
          const { status, why } = refusalOf(error)
          if (status === 500) this.#o.deps.events.fault('SIPREC re-INVITE', error)
          return { status, reason: why }
        } finally {
          answering -= 1
          look()
        }
      })
      const open = call
      attach(open, voice, {
        close: () => {
          voice.close()
          void leg.hangUp('the session is over')
        },
      })
      look()
      leg.gone.addEventListener('abort', () => void open.end({ cause: 'ended-elsewhere' }), { once: true })
      await leg.answer(sdp)
    } catch (error) {
      voice.close()
      throw error
    }
  }

  /** The call that another system has registered under one of the session's names, or one of our own making. */
  async #call(
    leg: RecordingLeg,
    { metadata, parties }: { metadata: RecordingMetadata; parties: RecordedParties },
  ): Promise<Call> {
    const ids = namesOf(leg, metadata)
    const registered = this.#o.external.openUnder(ids)
    if (registered) return registered
    const { agent } = parties
    if (!agent) throw new RecordingRefused(480, 'no agent has this telephone')
    const [id = leg.sipCallId] = ids
    return this.#o.external.open({
      agent,
      sendCode: false,
      aliases: ids,
      facts: {
        name: { system: 'siprec', id, origin: 'siprec' },
        from: userOfAor(parties.caller?.aor),
        to: userOfAor(parties.agentParticipant?.aor),
        language: 'zh-CN',
        attributes: [],
        limitMs: this.#o.limitMs,
      },
    })
  }

  #read(leg: RecordingLeg): RecordingMetadata {
    if (leg.metadata === undefined) throw new RecordingRefused(400, 'no recording metadata')
    return readRecordingMetadata(leg.metadata).metadata
  }

  /** An update that cannot be read changes nothing; one with gaps is asked about. */
  #updated(leg: RecordingLeg, before: RecordingMetadata, document: string): RecordingMetadata {
    try {
      const merged = mergeMetadata(before, readRecordingMetadata(document))
      if (hasGaps(merged)) setImmediate(() => this.#ask(leg))
      return merged
    } catch (error) {
      this.#o.deps.logger.warn({ legId: leg.id, err: error }, 'recording metadata could not be read')
      return before
    }
  }

  #ask(leg: RecordingLeg): void {
    if (!leg.gone.aborted) leg.requestMetadata()
  }
}

/** Both voices of a call that is held elsewhere begin to come to us. @throws AppError `conflict`, `gone` */
function attach(call: Call, edge: TappedEdge, source: VoiceSource): void {
  const { live, voice } = call
  if (voice.place === 'here') throw new AppError('conflict', 'the voice of this call is carried here')
  voice.recordedFrom(source)
  live.log.write({ type: 'voice.attached', codec: edge.codec })
  live.capture.attach(edge)
  call.changed()
}

/** Every name under which another system may have registered the call. */
function namesOf(leg: RecordingLeg, { sessions }: RecordingMetadata): string[] {
  return [...sessions.flatMap(one => [one.id, ...one.sipSessionIds]), leg.sipCallId]
    .filter(one => one !== '')
    .map(one => one.slice(0, 200))
}

function refusalOf(error: unknown): { status: number; why: string } {
  if (error instanceof RecordingRefused) return { status: error.status, why: error.message }
  if (error instanceof SdpRefusal) return { status: error.status, why: 'no voice that can be recorded' }
  if (error instanceof XmlRefused) return { status: 400, why: 'recording metadata cannot be read' }
  if (error instanceof PortsExhausted) return { status: 503, why: 'no RTP port left' }
  if (error instanceof AppError && error.code === 'conflict') return { status: 486, why: 'the agent has another call' }
  if (error instanceof AppError && error.code === 'unavailable') return { status: 503, why: 'no calls are taken now' }
  return { status: 500, why: 'a fault' }
}
