import { assertNever } from '../../../signaling/protocol/assert-never.ts'
import type { JournalEntry } from '../../../signaling/protocol/journal-entry.ts'
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

/** One journal entry as one short sentence. */
export function entryWords(
  entry: JournalEntry,
  words: ConsoleWords,
  names: ReadonlyMap<string, string> = new Map(),
): string {
  const say = words.events
  switch (entry.type) {
    case 'call.answered':
      return say.answered(entry.agent.name)
    case 'participant.joined':
      return say.joined(names.get(entry.participant.id) ?? words.roles[entry.participant.role])
    case 'participant.left':
      return say.left(names.get(entry.participantId) ?? entry.participantId)
    case 'voice.held':
      return say.held(words.roles[entry.by])
    case 'voice.retrieved':
      return say.retrieved(words.roles[entry.by])
    case 'agent.away':
      return say.agentAway
    case 'agent.back':
      return say.agentBack
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
      return say.cameraPaused
    case 'camera.resumed':
      return say.cameraResumed
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
    case 'snapshot.taken':
      return say.snapshot(`${entry.snapshot.widthPx}×${entry.snapshot.heightPx}`)
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
    case 'mark.undone':
      return say.undone
    case 'marks.cleared':
      return say.cleared
    case 'text.recognised':
      return say.textRecognised(`${Math.round(entry.result.confidence)}%`)
    case 'text.failed':
      return say.textFailed
    case 'track.opened':
      return say.trackOpened(words.tracks[entry.track])
    case 'track.closed':
      return say.trackClosed(words.tracks[entry.track])
    case 'recording.degraded':
      return say.degraded
    case 'call.ended':
      return say.ended(words.ends[entry.end.cause])
    default:
      return assertNever(entry)
  }
}

/** Red: voice or recording in danger. Amber: picture in danger. Everything else is quiet. */
export function entryTone(entry: JournalEntry): 'danger' | 'warn' | 'quiet' {
  switch (entry.type) {
    case 'voice.lost':
    case 'agent.away':
    case 'recording.degraded':
      return 'danger'
    case 'camera.failed':
    case 'camera.interrupted':
    case 'invite.refused':
    case 'invite.expired':
    case 'invite.delivery-failed':
    case 'text.failed':
      return 'warn'
    default:
      return 'quiet'
  }
}

/** Entries that tell a person nothing new in a list: the growth of a line, the opening and closing of files. */
export function isDetail(entry: JournalEntry): boolean {
  return entry.type === 'mark.extended' || entry.type === 'track.opened' || entry.type === 'track.closed'
}
