import type { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { CaptureView } from '../../signaling/protocol/capture.ts'
import type { ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { CallConsents } from '../assist/call-consents.ts'
import type { CallScenario } from '../assist/call-scenario.ts'
import type { CallLog } from '../calls/call-log.ts'
import { CardShutter, type Shuttered } from './card-shutter.ts'
import { KeySequence } from './key-sequence.ts'
import { RecordingTriggers } from './recording-triggers.ts'
import { type TappedEdge, VoiceRecorder } from './voice-recorder.ts'

/** What is drawn onto the record and seen on the screen while the picture is kept or not. */
export type PictureKeeper = Shuttered & { keepsChanged(): void }

export type CallCaptureOptions = {
  readonly log: CallLog
  readonly archive: Pick<CallArchive, 'openTrack' | 'forwarded'>
  readonly scenario: CallScenario
  readonly consents: CallConsents
  readonly calledNumber: string
  /** Who sits at the phone now. */
  readonly caller: () => ParticipantId | undefined
  /** The call's clock. */
  readonly nowMs: () => number
  /** Everything that captures, except the voice. */
  readonly pictures: () => readonly PictureKeeper[]
  readonly stills: () => readonly Shuttered[]
  readonly changed: () => void
  readonly settleMs?: number
}

/** What of one call is captured at this moment: the recording trigger, the caller's consent and the card shutter together. */
export class CallCapture {
  readonly card: CardShutter
  readonly triggers: RecordingTriggers
  readonly #o: CallCaptureOptions
  readonly #keys: KeySequence
  #voice: VoiceRecorder | undefined

  constructor(options: CallCaptureOptions) {
    this.#o = options
    const { log, scenario, consents, calledNumber, nowMs, changed, settleMs } = options
    const policy = () => scenario.current.cardShutter
    this.#keys = new KeySequence({ policy })
    this.card = new CardShutter({
      log,
      policy,
      nowMs,
      changed,
      ...(settleMs !== undefined && { settleMs }),
      parts: () => [...(this.#voice ? [this.#voice] : []), ...options.pictures(), ...options.stills()],
    })
    this.triggers = new RecordingTriggers({
      log,
      scenario: () => scenario.current,
      calledNumber,
      consents,
      changed: () => this.#apply(),
    })
  }

  /** Whether the camera's film, and stills that take its place, are kept now. */
  get keepsCamera(): boolean {
    return this.triggers.picture && this.#o.consents.has('recording')
  }
  /** What the agent shows of the own screen asks nobody's consent. */
  get keepsScreen(): boolean {
    return this.triggers.picture
  }

  get view(): CaptureView {
    const { voice, picture, mayStart } = this.triggers
    const shutter = this.card.view
    const hasShutter = this.#o.scenario.current.cardShutter !== undefined
    return { voice, picture, mayStart, hasShutter, ...(shutter && { shutter }) }
  }

  /** With the answer of the call; without an edge when no voice comes here. */
  begin(edge: TappedEdge | undefined): void {
    if (edge) this.#voice = new VoiceRecorder({ edge, archive: this.#o.archive, isShut: this.card.isClosed })
    this.triggers.begin()
  }

  /** The voices of a call that is held elsewhere begin to come. */
  attach(edge: TappedEdge): void {
    this.#voice = new VoiceRecorder({ edge, archive: this.#o.archive, isShut: this.card.isClosed })
    this.#voice.set(this.triggers.voice)
  }

  /** A key of the caller's telephone goes down. */
  key(digit: string): void {
    const caller = this.#o.caller()
    const by = caller && { by: caller }
    const wanted = this.#keys.press(digit)
    if (wanted === 'pause') this.card.pause({ ...by, trigger: 'caller-keys' })
    if (wanted === 'resume') void this.card.resume({ ...by, because: 'caller-keys' })
  }

  /** Every entry passes here after it was told. */
  noticed(entry: JournalEntry): void {
    this.triggers.noticed(entry)
    if (entry.type === 'consent.given' || entry.type === 'consent.withdrawn') this.#apply()
  }

  close(): void {
    this.card.close()
  }

  /** Before the seal: what was meant to be recorded. */
  report(): void {
    this.#voice?.report()
  }

  #apply(): void {
    this.#voice?.set(this.triggers.voice)
    for (const picture of this.#o.pictures()) picture.keepsChanged()
    this.#o.changed()
  }
}
