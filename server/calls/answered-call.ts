import { join } from 'node:path'
import type { MediaRoom } from '../../media/room/media-room.ts'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Surface } from '../../signaling/protocol/stage.ts'
import { CallConsents } from '../assist/call-consents.ts'
import { CallInvite } from '../assist/call-invite.ts'
import { CallPhone } from '../assist/call-phone.ts'
import { CallRebind } from '../assist/call-rebind.ts'
import { CallScenario } from '../assist/call-scenario.ts'
import { CallStage } from '../assist/call-stage.ts'
import { Documents } from '../assist/documents.ts'
import { Ladder } from '../assist/ladder.ts'
import { LiveMarks } from '../assist/live-marks.ts'
import { Pages } from '../assist/pages.ts'
import { CallPush } from '../assist/push.ts'
import { PushReceipts } from '../assist/push-receipts.ts'
import { Reading } from '../assist/reading.ts'
import { CallShare } from '../assist/share.ts'
import { Shutter } from '../assist/shutter.ts'
import { SlowScan } from '../assist/slow-scan.ts'
import { Uploads } from '../assist/uploads.ts'
import { CallCapture } from '../capture/call-capture.ts'
import type { AgentSeat } from './agent-seat.ts'
import type { CallClock } from './call-clock.ts'
import { CallLog } from './call-log.ts'
import type { CallMedia } from './call-media.ts'
import type { CallDeps } from './call-parts.ts'
import type { CallVoice } from './call-voice.ts'
import { CallerCamera } from './caller-camera.ts'
import type { CallerSeat } from './caller-seat.ts'
import { Participants } from './participants.ts'

type AnsweredCallOptions = {
  readonly callId: CallId
  readonly voice: CallVoice
  readonly deps: CallDeps
  readonly clock: CallClock
  readonly caller: CallerSeat
  readonly events: {
    tell(entry: JournalEntry): void
    changed(): void
  }
}

/** What exists from the moment an agent takes the call: archive, journal, and everything that writes into them. */
export class AnsweredCall {
  readonly archive: CallArchive
  readonly log: CallLog
  readonly participants: Participants
  readonly stage: CallStage
  readonly liveMarks: LiveMarks
  readonly pages: Pages
  readonly reading: Reading
  readonly documents: Documents
  readonly shutter: Shutter
  readonly uploads: Uploads
  readonly push: CallPush
  readonly receipts: PushReceipts
  readonly share: CallShare
  readonly scenario: CallScenario
  readonly consents: CallConsents
  readonly phone: CallPhone
  readonly rebind: CallRebind
  readonly invite: CallInvite
  readonly camera: CallerCamera
  readonly ladder: Ladder
  readonly scan: SlowScan
  readonly capture: CallCapture
  readonly #o: AnsweredCallOptions
  #answeredAt: Date | undefined
  #onHold = false

  private constructor(o: AnsweredCallOptions, archive: CallArchive) {
    const { callId, voice, deps, clock, caller, events } = o
    const calledNumber = voice.to
    this.archive = archive
    this.#o = o
    this.log = new CallLog(archive, entry => {
      this.stage.fold(entry)
      events.tell(entry)
      this.share.noticed(entry)
      this.capture.noticed(entry)
      this.#noticed(entry)
    })
    this.participants = new Participants(this.log)
    this.scenario = new CallScenario({
      log: this.log,
      scenarios: deps.scenarios,
      calledNumber,
      changed: events.changed,
    })
    this.consents = new CallConsents(this.log, events.changed)
    this.capture = new CallCapture({
      log: this.log,
      archive,
      scenario: this.scenario,
      consents: this.consents,
      calledNumber,
      caller: () => caller.participantId,
      nowMs: () => clock.nowMs(),
      pictures: () => [this.camera, this.share],
      stills: () => [this.scan, this.shutter],
      changed: events.changed,
    })
    const { card } = this.capture
    const reads = () => this.consents.requireAnalysis(this.scenario.current.consents.analysis === 'required')
    const may = {
      now: () => {
        card.assertOpen()
        reads()
      },
      still: reads,
    }
    this.stage = new CallStage(this.log)
    this.liveMarks = new LiveMarks({ log: this.log, stage: () => this.stage.stage, nowMs: () => performance.now() })
    this.pages = new Pages({ archive, log: this.log })
    const { readText, readCodes, recognise, intake } = deps
    this.reading = new Reading({ log: this.log, pages: this.pages, readText, readCodes, recognise, may })
    this.uploads = new Uploads({
      folder: join(deps.uploadsDir, callId),
      log: this.log,
      pages: this.pages,
      intake,
      card,
      mayKeep: () => !this.consents.refused('recording'),
      counted: result => deps.events.upload(callId, result),
      keepDocument: (by, bytes, name) => this.push.documents.add(by, bytes, name),
    })
    this.push = new CallPush({
      folder: archive.folder,
      pages: this.pages,
      show: (by, pageId) => this.stage.showPage(by, pageId),
      received: file => this.log.write({ type: 'file.received', mimeType: 'application/pdf', ...file }),
      tools: { ...deps.push, takePicture: bytes => intake.take(bytes) },
    })
    this.receipts = new PushReceipts(this.log, this.stage)
    this.share = new CallShare({
      log: this.log,
      archive,
      allowed: () => this.scenario.has('share'),
      keeps: () => this.capture.keepsScreen,
    })
    const { log, scenario, consents } = this
    this.documents = new Documents({ log, pages: this.pages, scenario, consents, machines: deps.documents, may })
    this.phone = new CallPhone({ callId, log, scenario, consents, caller, changed: events.changed })
    this.rebind = new CallRebind(this.log, events.changed)
    this.invite = new CallInvite({ callId, deps, log, consents, scenario, changed: events.changed })
    this.camera = new CallerCamera({
      log: this.log,
      archive,
      ffmpegBin: deps.ffmpegBin,
      expectsVideo: () => this.ladder.rung === 'live',
      keeps: () => this.capture.keepsCamera,
      events: {
        changed: events.changed,
        firstPicture: () => {
          this.invite.cameraLive()
          deps.events.pictureLive(callId, caller.sinceJoinMs())
        },
        trouble: trouble => this.invite.trouble(trouble),
        frameSeen: (by, size) => this.liveMarks.frameSeen(by, size),
      },
    })
    this.ladder = new Ladder({
      log: this.log,
      changed: events.changed,
      tellPhone: rung => caller.notify('picture.prefer', { callId, rung }),
    })
    this.scan = new SlowScan({
      log: this.log,
      archive,
      card,
      keeps: () => this.capture.keepsCamera,
      seen: () => this.camera.stillSeen(),
    })
    this.shutter = new Shutter({
      log: this.log,
      pages: this.pages,
      stage: this.stage,
      camera: this.camera,
      intake,
      scan: () => ({ rung: this.ladder.rung, latest: this.scan.latest }),
      mayKeep: () => this.consents.has('recording'),
      card,
      ask: pageId => caller.notify('still.wanted', { callId, pageId }),
      caller: () => caller.participantId,
      counted: result => deps.events.still(callId, result),
    })
  }

  /** @throws the file system's error: without a folder there is no record */
  static async open(o: AnsweredCallOptions): Promise<AnsweredCall> {
    const { callId, deps, clock, events } = o
    const archive = await CallArchive.open({
      root: deps.recordingsDir,
      callId,
      nowMs: () => clock.nowMs(),
      logger: deps.logger,
      onDegraded: reason => {
        deps.events.recordingDegraded(callId, reason)
        events.changed()
      },
    })
    return new AnsweredCall(o, archive)
  }

  /** Undefined until it is talked on. */
  get answeredAt(): Date | undefined {
    return this.#answeredAt
  }

  /** Entry 0 of the journal starts the clock; then whatever is recorded begins. */
  begin(seat: AgentSeat, media: CallMedia): void {
    const { callId, voice, clock } = this.#o
    const edge = media.carriesVoice ? media.edge : undefined
    this.#answeredAt = new Date()
    clock.start()
    this.log.write({
      type: 'call.answered',
      callId,
      wallClock: this.#answeredAt.toISOString(),
      from: voice.from,
      to: voice.to,
      agent: seat.agent,
      ...(edge && { voiceCodec: edge.codec }),
    })
    if (voice.place !== 'here') {
      const { name, attributes, scenarioId } = voice.facts
      this.log.write({ type: 'call.external', name, attributes })
      this.scenario.begin(scenarioId)
    } else this.scenario.begin()
    this.participants.join({ id: seat.participantId, role: 'agent', displayName: seat.agent.name })
    this.capture.begin(edge)
    if (media.room) this.watch(media.room)
  }

  /** The pictures of a room come into the record. A room may be offered more than once. */
  watch(room: MediaRoom): void {
    this.camera.watch(room)
    this.share.watch(room)
  }

  /** Nobody sees the moving picture while the voice is on hold: nothing is drawn or pointed at there. @throws AppError `conflict` */
  assertMoves(on: Surface): void {
    if (on === 'live' && this.#onHold) throw new AppError('conflict', 'the picture is paused: the call is on hold')
  }

  /** Whoever holds, the pictures stand still with the voice: film, stills, the agent's screen. */
  hold(on: boolean): void {
    this.#onHold = on
    this.camera.hold(on)
    this.scan.hold(on)
    this.share.hold(on)
  }

  /** A leave taken back stops what it allowed at once; the telephone call goes on, whatever it was. */
  #noticed(entry: JournalEntry): void {
    if (entry.type !== 'consent.withdrawn') return
    if (entry.kind === 'recording') this.shutter.withdrawn()
    // Where the picture may only be seen when it is kept, it goes with it.
    const mustKeep = this.scenario.current.consents.recording === 'required'
    if (entry.kind === 'camera' || (entry.kind === 'recording' && mustKeep)) this.camera.stop()
  }
}
