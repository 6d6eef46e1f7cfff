import type { SealedManifest } from '../../signaling/protocol/archive.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import type { Evidence } from '../../signaling/protocol/quality.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'

type Trouble = { readonly event: 'consent.missing' | 'consent.ignored'; readonly evidence: Evidence }

/** What is on its way when a consent is taken back may still arrive for a moment. */
const GRACE_MS = 2_000

/** Uses without the consent they need, and captures that went on after it was taken back. */
export function consentTroubles(entries: readonly JournalEntry[], manifest: SealedManifest): Trouble[] {
  const troubles: Trouble[] = []
  const given = new Map<ConsentKind, boolean>()
  const withdrawn = new Map<ConsentKind, JournalEntry>()
  for (const entry of entries) {
    if (entry.type === 'consent.given') {
      given.set(entry.consent.kind, entry.consent.given)
      withdrawn.delete(entry.consent.kind)
    }
    if (entry.type === 'consent.withdrawn') {
      given.set(entry.kind, false)
      withdrawn.set(entry.kind, entry)
    }
    for (const kind of neededBy(entry)) {
      if (given.get(kind) === true) continue
      const before = withdrawn.get(kind)
      if (before && entry.atMs - before.atMs < GRACE_MS) continue
      // Reading is allowed until somebody objects; the others need a yes.
      if (kind === 'analysis' && given.get(kind) === undefined) continue
      const evidence = { atMs: Math.max(0, entry.atMs), seq: entry.seq, about: kind }
      troubles.push({ event: before ? 'consent.ignored' : 'consent.missing', evidence })
    }
  }
  return [...troubles, ...filmedOn(entries, manifest)]
}

function neededBy(entry: JournalEntry): readonly ConsentKind[] {
  switch (entry.type) {
    case 'camera.started':
      return ['camera']
    case 'camera.controlled':
      return entry.outcome === 'done' ? ['control'] : []
    case 'document.read':
      return ['document']
    case 'face.compared':
      return ['face']
    case 'text.recognised':
      return ['analysis']
    default:
      return []
  }
}

/** Films of the camera that went on after the consent to the camera, or to the recording of it, was taken back. */
function filmedOn(entries: readonly JournalEntry[], manifest: SealedManifest): Trouble[] {
  const troubles: Trouble[] = []
  const films = manifest.tracks.filter(track => track.track === 'caller-camera')
  for (const entry of entries) {
    if (entry.type !== 'consent.withdrawn' || (entry.kind !== 'camera' && entry.kind !== 'recording')) continue
    const again = entries.find(
      later =>
        later.seq > entry.seq &&
        later.type === 'consent.given' &&
        later.consent.kind === entry.kind &&
        later.consent.given,
    )
    const untilMs = again?.atMs ?? manifest.durationMs
    for (const film of films) {
      if (film.startsAtMs > untilMs || film.endsAtMs < entry.atMs + GRACE_MS) continue
      troubles.push({
        event: 'consent.ignored',
        evidence: {
          atMs: Math.max(entry.atMs, film.startsAtMs),
          toMs: Math.min(film.endsAtMs, untilMs),
          seq: entry.seq,
          about: `${entry.kind} ${film.file}`,
        },
      })
    }
  }
  return troubles
}
