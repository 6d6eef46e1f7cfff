import { join } from 'node:path'
import { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { CallId, PageId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { CallConsents } from '../assist/call-consents.ts'
import { CallInvite } from '../assist/call-invite.ts'
import { CallPhone } from '../assist/call-phone.ts'
import { CallRebind } from '../assist/call-rebind.ts'
import { CallScenario } from '../assist/call-scenario.ts'
import { CallStage } from '../assist/call-stage.ts'
import { Documents } from '../assist/documents.ts'
import { Ladder, type Preference } from '../assist/ladder.ts'
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
import type { CallClock } from './call-clock.ts'
import { CallLog } from './call-log.ts'
import type { CallDeps } from './call-parts.ts'
import { CallerCamera } from './caller-camera.ts'
import type { CallerSeat } from './caller-seat.ts'

export type AnsweredEvents = {
  tell(entry: JournalEntry): void
  changed(): void
  firstPicture(): void
  /** The agent wishes the phone to hold a rung. */
  preferred(rung: Preference): void
  degraded(reason: string): void
  /** Asks the phone for its best still; false when it has no open socket. */
  stillWanted(pageId: PageId): boolean
  /** Who sits at the phone now. */
  caller(): ParticipantId | undefined
  readonly phone: Pick<CallerSeat, 'notify'>
}

/** What exists from the moment an agent takes the call: archive, journal, and everything that writes into them. */
export class AnsweredCall {
  readonly archive: CallArchive
  readonly log: CallLog
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

  private constructor(
    callId: CallId,
    calledNumber: string,
    deps: CallDeps,
    archive: CallArchive,
    clock: CallClock,
    events: AnsweredEvents,
  ) {
    this.archive = archive
    this.log = new CallLog(archive, entry => {
      this.stage.fold(entry)
      events.tell(entry)
      this.share.noticed(entry)
      this.capture.noticed(entry)
      this.#noticed(entry)
    })
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
    this.phone = new CallPhone({ callId, log, scenario, consents, caller: events.phone, changed: events.changed })
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
          events.firstPicture()
        },
        trouble: trouble => this.invite.trouble(trouble),
        frameSeen: (by, size) => this.liveMarks.frameSeen(by, size),
      },
    })
    this.ladder = new Ladder({ log: this.log, changed: events.changed, tellPhone: events.preferred })
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
      ask: pageId => events.stillWanted(pageId),
      caller: events.caller,
      counted: result => deps.events.still(callId, result),
    })
  }

  static async open(o: {
    callId: CallId
    calledNumber: string
    deps: CallDeps
    clock: CallClock
    events: AnsweredEvents
  }): Promise<AnsweredCall> {
    const archive = await CallArchive.open({
      root: o.deps.recordingsDir,
      callId: o.callId,
      nowMs: () => o.clock.nowMs(),
      logger: o.deps.logger,
      onDegraded: reason => {
        o.deps.events.recordingDegraded(o.callId, reason)
        o.events.degraded(reason)
      },
    })
    return new AnsweredCall(o.callId, o.calledNumber, o.deps, archive, o.clock, o.events)
  }

  /** Whoever holds, the picture stands still with the voice, film and stills. */
  hold(on: boolean): void {
    this.camera.hold(on)
    this.scan.hold(on)
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
