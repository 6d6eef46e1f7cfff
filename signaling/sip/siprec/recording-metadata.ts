import { readXml, type XmlElement, XmlRefused } from './read-xml.ts'

const NAMESPACE = 'urn:ietf:params:xml:ns:recording:1'

export type RecordedParticipant = {
  readonly id: string
  /** Address of record: `sip:1001@pbx.example`, `tel:+86…`. */
  readonly aor: string
  readonly name: string
}
export type RecordedStream = { readonly id: string; readonly sessionId: string; readonly label: string }

/** What a recording client says of the call it hands us (RFC 7865); associations that have ended are left out. */
export type RecordingMetadata = {
  readonly sessions: readonly { readonly id: string; readonly sipSessionIds: readonly string[] }[]
  /** In the order of the document. */
  readonly participants: readonly RecordedParticipant[]
  readonly streams: readonly RecordedStream[]
  /** Which streams a participant speaks into, by participant's id. */
  readonly sends: ReadonlyMap<string, readonly string[]>
}

export type MetadataUpdate = {
  readonly complete: boolean
  readonly metadata: RecordingMetadata
  /** Participants who have left the session. */
  readonly gone: ReadonlySet<string>
}

/** @throws XmlRefused when it is not such a document */
export function readRecordingMetadata(source: string): MetadataUpdate {
  const root = readXml(source)
  if (root.name !== 'recording' || root.namespace !== NAMESPACE) throw new XmlRefused('not recording metadata')
  const all = (name: string) => root.children.filter(one => one.name === name && one.namespace === NAMESPACE)
  const mode = all('datamode')[0]?.text ?? 'complete'
  if (mode !== 'complete' && mode !== 'partial') throw new XmlRefused('an unknown data mode')
  const gone = new Set(
    all('participantsessionassoc').flatMap(one => (child(one, 'disassociate-time') ? [id(one, 'participant_id')] : [])),
  )
  return {
    gone,
    complete: mode === 'complete',
    metadata: {
      sessions: all('session').map(one => ({
        id: id(one, 'session_id'),
        sipSessionIds: one.children
          .filter(inner => inner.name === 'sipSessionID')
          .flatMap(inner => inner.text.split(/;\s*remote=|;/).map(part => part.trim()))
          .filter(part => part !== ''),
      })),
      participants: all('participant')
        .filter(one => !gone.has(id(one, 'participant_id')))
        .map(one => {
          const nameId = child(one, 'nameID')
          return {
            id: id(one, 'participant_id'),
            aor: nameId?.attributes.get('aor') ?? '',
            name: (nameId && child(nameId, 'name')?.text) ?? '',
          }
        }),
      streams: all('stream').map(one => ({
        id: id(one, 'stream_id'),
        sessionId: one.attributes.get('session_id') ?? '',
        label: child(one, 'label')?.text ?? '',
      })),
      sends: sendsOf(all('participantstreamassoc')),
    },
  }
}

/** A participant may have several associations, ended ones among them. */
function sendsOf(associations: readonly XmlElement[]): Map<string, string[]> {
  const sends = new Map<string, string[]>()
  for (const one of associations) {
    const who = id(one, 'participant_id')
    const streams = child(one, 'disassociate-time')
      ? []
      : one.children.filter(inner => inner.name === 'send').map(inner => inner.text)
    sends.set(who, [...(sends.get(who) ?? []), ...streams])
  }
  return sends
}

/** What is known after an update: a complete one stands for itself, of a partial one the named things are new (RFC 7865 section 6.1). */
export function mergeMetadata(
  before: RecordingMetadata,
  { complete, metadata, gone }: MetadataUpdate,
): RecordingMetadata {
  if (complete) return metadata
  const merged = <T extends { readonly id: string }>(old: readonly T[], fresh: readonly T[]): T[] => {
    const known = new Map(old.map(one => [one.id, one]))
    for (const one of fresh) known.set(one.id, one)
    return [...known.values()]
  }
  return {
    sessions: merged(before.sessions, metadata.sessions),
    participants: merged(before.participants, metadata.participants).filter(one => !gone.has(one.id)),
    streams: merged(before.streams, metadata.streams),
    sends: new Map([...before.sends, ...metadata.sends].filter(([who]) => !gone.has(who))),
  }
}

/** An update that speaks of a participant or stream nobody has described: time to ask for everything. */
export function hasGaps({ participants, streams, sends }: RecordingMetadata): boolean {
  const people = new Set(participants.map(one => one.id))
  const known = new Set(streams.map(one => one.id))
  return [...sends].some(([who, sent]) => people.has(who) && sent.some(stream => !known.has(stream)))
}

/** RFC 7866 section 8.2: a full description is asked for. */
export const SNAPSHOT_REQUEST = `<?xml version="1.0" encoding="UTF-8"?>
<requestsnapshot xmlns="${NAMESPACE}"><requestreason>an update named what is not known here</requestreason></requestsnapshot>
`

function child(element: XmlElement, name: string): XmlElement | undefined {
  return element.children.find(one => one.name === name)
}

function id(element: XmlElement, attribute: string): string {
  const value = element.attributes.get(attribute)
  if (value === undefined || value === '' || value.length > 200) throw new XmlRefused(`no ${attribute}`)
  return value
}
