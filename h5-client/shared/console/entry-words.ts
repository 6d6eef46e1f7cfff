import { assertNever } from '../../../signaling/protocol/assert-never.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
import type { Page } from '../../../signaling/protocol/page.ts'
import { endWords } from '../words/end-words.ts'
import type { ConsoleWords } from '../words/zh-CN/console.ts'

/** Who is who, from the entries themselves; an entry about a participant carries only the id. */
export function participantNames(entries: readonly JournalEntry[], words: ConsoleWords): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const entry of entries) {
    if (entry.type !== 'participant.joined') continue
    const { id, displayName, role } = entry.participant
    names.set(id, role === 'agent' && displayName !== '' ? displayName : words.roles[role])
  }
  return names
}

/**
 * One journal entry as one short sentence.
 * @param flagTitles what the operator calls the flags of this kind of call; without it they are called by their ids
 */
export function entryWords(
  entry: JournalEntry,
  words: ConsoleWords,
  names: ReadonlyMap<string, string> = new Map(),
  flagTitles: ReadonlyMap<string, string> = new Map(),
): string {
  const say = words.events
  switch (entry.type) {
    case 'call.answered':
      return say.answered(entry.agent.name)
    case 'call.external':
      return say.external(entry.name.system, entry.name.id)
    case 'voice.attached':
      return say.voiceAttached
    case 'voice.detached':
      return say.voiceDetached
    case 'voice.speakers':
      return say.voiceSpeakers(entry.changed.map(track => words.tracks[track]))
    case 'participant.joined':
      return say.joined(names.get(entry.participant.id) ?? words.roles[entry.participant.role])
    case 'participant.left':
      return say.left(names.get(entry.participantId) ?? entry.participantId)
    case 'voice.held':
      return say.held(words.roles[entry.by])
    case 'voice.retrieved':
      return say.retrieved(words.roles[entry.by])
    case 'voice.muted':
      return entry.on ? say.muted : say.unmuted
    case 'agent.speaks':
      return say.agentSpeaks[entry.by]
    case 'agent.phone-failed':
      return say.agentPhoneFailed(words.dialFailures[entry.failure])
    case 'agent.phone-lost':
      return say.agentPhoneLost
    case 'voice.key':
      if (entry.to === 'consulted') return say.keySentConsulted
      return entry.digit === undefined ? say.keySentHidden : say.keySent(entry.digit)
    case 'transfer.asked':
      return say.transferAsked(entry.to)
    case 'transfer.failed':
      return say.transferFailed(words.dialFailures[entry.failure])
    case 'transfer.bridging':
      return say.transferBridging
    case 'transfer.done':
      return entry.way === 'bridge' ? say.transferDoneHere : say.transferDone
    case 'consult.began':
      return say.consultBegan(entry.to)
    case 'consult.answered':
      return say.consultAnswered
    case 'consult.speaking':
      return say.consultSpeaking[entry.with]
    case 'consult.ended':
      if (entry.failure === undefined) return say.consultEnded
      return entry.failure === 'hung-up' ? say.consultLeft : say.consultFailed(words.dialFailures[entry.failure])
    case 'agent.away':
      return say.agentAway
    case 'agent.back':
      return say.agentBack
    case 'media.lost':
      return say.mediaLost
    case 'media.back':
      return say.mediaBack
    case 'voice.lost':
      return say.voiceLost
    case 'voice.found':
      return say.voiceFound
    case 'invite.issued':
      return say.inviteIssued
    case 'invite.handed-over':
      return entry.channel === 'outbox' ? say.inviteInOutbox : say.inviteHandedOver
    case 'invite.delivery-failed':
      return say.inviteDeliveryFailed
    case 'invite.opened':
      return say.inviteOpened
    case 'invite.spent':
      return entry.via === 'link' ? say.inviteSpentLink : say.inviteSpentDigits
    case 'invite.refused':
      return say.inviteRefused(words.troubles[entry.reason])
    case 'invite.expired':
      return say.inviteExpired
    case 'consent.given': {
      const kind = words.consents[entry.consent.kind]
      return entry.consent.given ? say.consentGiven(kind) : say.consentRefused(kind)
    }
    case 'camera.started':
      return say.cameraStarted
    case 'camera.live':
      return say.cameraLive
    case 'camera.paused':
      return entry.because === 'hold' ? say.cameraPausedByHold : say.cameraPaused
    case 'camera.resumed':
      return entry.because === 'hold' ? say.cameraResumedByHold : say.cameraResumed
    case 'camera.switched':
      return entry.facing === 'user' ? say.cameraFront : say.cameraBack
    case 'camera.torch':
      return entry.on ? say.torchOn : say.torchOff
    case 'camera.interrupted':
      return say.cameraInterrupted
    case 'camera.failed':
      return say.cameraFailed(words.troubles[entry.trouble])
    case 'camera.stopped':
      return say.cameraStopped
    case 'page.added':
      return pageWords(entry.page, words)
    case 'page.bettered':
      return say.pageBettered(`${entry.picture.widthPx}×${entry.picture.heightPx}`)
    case 'page.loaded':
      return say.pageLoaded
    case 'page.seen':
      return say.pageSeen
    case 'page.copied':
      return say.pageCopied
    case 'still.failed':
      return say.stillFailed
    case 'caller.looked':
      return say.callerLooks[looksAt(entry.at)]
    case 'share.started':
      return say.shareStarted
    case 'share.stopped':
      return say.shareStopped
    case 'camera.turned':
      return say.cameraTurned(`${entry.widthPx}×${entry.heightPx}`)
    case 'camera.abilities':
      return say.cameraAbilities
    case 'camera.controlled':
      return say.cameraControlled(words.controls[entry.control.kind], words.controlOutcomes[entry.outcome])
    case 'camera.noticed':
      return words.notices[entry.notice]
    case 'picture.rung':
      return say.rung(words.rungs[entry.rung])
    case 'scan.frame':
      return say.scanFrame
    case 'scenario.chosen':
      return say.scenario(entry.title[words.language])
    case 'consent.asked':
      return say.consentAsked(words.consents[entry.kind])
    case 'consent.withdrawn':
      return say.consentWithdrawn(words.consents[entry.kind])
    case 'stage.page':
      return say.page
    case 'stage.live':
      return say.live
    case 'mark.begun': {
      const colour = words.colours[entry.mark.colour]
      if (entry.mark.shape === 'text') return say.markText(colour, entry.mark.text)
      return say.mark(colour, words.shapes[entry.mark.shape])
    }
    case 'mark.extended':
      return say.markGrows
    case 'marks.erased':
      return entry.all ? say.cleared : say.erased
    case 'ink.undone':
      return say.undone
    case 'ink.redone':
      return say.redone
    case 'marks.posed':
      return say.marksPosed
    case 'pointer.moved':
      return say.pointed
    case 'text.recognised':
      return say.textRecognised(`${Math.round(entry.result.confidence)}%`)
    case 'text.failed':
      return say.textFailed
    case 'text.corrected':
      return say.textCorrected
    case 'codes.found':
      return say.codesFound(entry.result.codes.length)
    case 'document.read':
      return entry.result.checksPassed ? say.documentRead : say.documentDoubtful
    case 'document.judged':
      return say.documentJudged(words.verdicts[entry.verdict])
    case 'face.compared':
      return say.faceCompared(words.faceOutcomes[entry.result.outcome])
    case 'upload.begun':
      return say.uploadBegun
    case 'upload.refused':
      return say.uploadRefused
    case 'file.received':
      return say.fileReceived
    case 'invite.rebind-asked':
      return say.rebindAsked
    case 'invite.rebind-answered':
      return entry.allowed ? say.rebindAllowed : say.rebindRefused
    case 'guest.invited':
      return say.guestInvited(entry.name)
    case 'guest.removed':
      return say.guestRemoved
    case 'track.opened':
      return say.trackOpened(words.tracks[entry.track])
    case 'track.closed':
      return say.trackClosed(words.tracks[entry.track])
    case 'recording.degraded':
      return say.degraded
    case 'recording.started':
    case 'recording.stopped': {
      const parts = entry.parts.map(part => words.captureParts[part]).join(' + ')
      return entry.type === 'recording.started' ? say.recordingStarted(parts) : say.recordingStopped(parts)
    }
    case 'capture.paused':
      return say.capturePaused(words.pauseTriggers[entry.trigger])
    case 'capture.resumed':
      return say.captureResumed(words.resumeCauses[entry.because])
    case 'call.flagged': {
      const title = flagTitles.get(entry.flag) ?? entry.flag
      return entry.on ? say.flagged(title) : say.unflagged(title)
    }
    case 'call.ended':
      return say.ended(endWords(entry.end, words))
    default:
      return assertNever(entry)
  }
}

const looksAt = (at: string): 'live' | 'away' | 'share' | 'page' =>
  at === 'live' || at === 'away' || at === 'share' ? at : 'page'

function pageWords(page: Page, words: ConsoleWords): string {
  const say = words.events
  switch (page.kind) {
    case 'camera':
      return say.snapshot(`${page.picture.widthPx}×${page.picture.heightPx}`)
    case 'photo':
      return say.photo(`${page.picture.widthPx}×${page.picture.heightPx}`)
    case 'upload':
      return say.uploaded
    case 'pushed':
      return say.pushed(page.title)
    case 'card':
      return say.card(page.card.title)
    default:
      return assertNever(page)
  }
}

/** Red: voice or recording in danger. Amber: picture in danger. Everything else is quiet. */
export function entryTone(entry: JournalEntry): 'danger' | 'warn' | 'quiet' {
  switch (entry.type) {
    case 'voice.lost':
    case 'agent.away':
    case 'media.lost':
    case 'recording.degraded':
      return 'danger'
    case 'camera.failed':
    case 'camera.interrupted':
    case 'invite.refused':
    case 'invite.expired':
    case 'invite.delivery-failed':
    case 'text.failed':
    case 'still.failed':
    case 'upload.refused':
    case 'capture.paused':
    case 'recording.stopped':
      return 'warn'
    case 'picture.rung':
      return entry.rung === 'live' ? 'quiet' : 'warn'
    case 'document.read':
      return entry.result.checksPassed ? 'quiet' : 'warn'
    default:
      return 'quiet'
  }
}

/** Entries that tell a person nothing new in a list: the growth of a line, the opening and closing of files. */
export function isDetail(entry: JournalEntry): boolean {
  switch (entry.type) {
    case 'mark.extended':
    case 'marks.posed':
    case 'pointer.moved':
    case 'scan.frame':
    case 'page.loaded':
    case 'camera.abilities':
    case 'track.opened':
    case 'track.closed':
      return true
    default:
      return false
  }
}
