import { CallArchive } from '../../recordings/archive/call-archive.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { CallConsents } from '../assist/call-consents.ts'
import { CallInvite } from '../assist/call-invite.ts'
import { CallScenario } from '../assist/call-scenario.ts'
import { CallStage } from '../assist/call-stage.ts'
import { Pages } from '../assist/pages.ts'
import type { CallClock } from './call-clock.ts'
import { CallLog } from './call-log.ts'
import type { CallDeps } from './call-parts.ts'
import { CallerCamera } from './caller-camera.ts'

export type AnsweredEvents = {
  tell(entry: JournalEntry): void
  changed(): void
  firstPicture(): void
  degraded(reason: string): void
}

/** What exists from the moment an agent takes the call: archive, journal, and everything that writes into them. */
export class AnsweredCall {
  readonly archive: CallArchive
  readonly log: CallLog
  readonly stage: CallStage
  readonly pages: Pages
  readonly scenario: CallScenario
  readonly consents: CallConsents
  readonly invite: CallInvite
  readonly camera: CallerCamera

  private constructor(
    callId: CallId,
    calledNumber: string,
    deps: CallDeps,
    archive: CallArchive,
    events: AnsweredEvents,
  ) {
    this.archive = archive
    this.log = new CallLog(archive, entry => {
      this.stage.fold(entry)
      events.tell(entry)
    })
    this.stage = new CallStage(this.log)
    this.pages = new Pages({ archive, log: this.log, readText: deps.readText })
    this.scenario = new CallScenario({
      log: this.log,
      scenarios: deps.scenarios,
      calledNumber,
      changed: events.changed,
    })
    this.consents = new CallConsents(this.log, events.changed)
    this.invite = new CallInvite({ callId, deps, log: this.log, changed: events.changed })
    this.camera = new CallerCamera({
      log: this.log,
      archive,
      ffmpegBin: deps.ffmpegBin,
      events: {
        changed: events.changed,
        firstPicture: () => {
          this.invite.cameraLive()
          events.firstPicture()
        },
        trouble: trouble => this.invite.trouble(trouble),
      },
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
    return new AnsweredCall(o.callId, o.calledNumber, o.deps, archive, o.events)
  }
}
