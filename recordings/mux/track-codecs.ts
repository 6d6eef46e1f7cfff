import type { PacketRef, TrackIndex } from './packet-runs.ts'

/** RFC 3551 table 4: these mean the same in every session, unless a description maps them anew. */
const STATIC: ReadonlyMap<number, string> = new Map([
  [0, 'PCMU'],
  [8, 'PCMA'],
  [9, 'G722'],
])

/**
 * What the payload type of a packet means at its moment: the header says what stood on the wire when the track was opened,
 * `formats` events what later exchanges made of it. undefined: no voice (telephone events, comfort noise) or unknown.
 */
export function codecsOf(
  track: Pick<TrackIndex, 'header' | 'events'>,
): (packet: Pick<PacketRef, 'payloadType' | 'arrivalMs'>) => string | undefined {
  const changes: { readonly fromMs: number; readonly map: ReadonlyMap<number, string> }[] = []
  let map: ReadonlyMap<number, string> = new Map([[track.header.payloadType, track.header.codec]])
  for (const event of track.events) {
    if (event.type !== 'formats' || !Array.isArray(event.formats)) continue
    map = new Map([...map, ...event.formats.flatMap(readFormat)])
    changes.push({ fromMs: event.atMs, map })
  }
  const first = new Map([[track.header.payloadType, track.header.codec]])
  return ({ payloadType, arrivalMs }) => {
    const now = changes.findLast(change => change.fromMs <= arrivalMs)?.map ?? first
    return now.get(payloadType) ?? STATIC.get(payloadType)
  }
}

function readFormat(format: unknown): [number, string][] {
  if (typeof format !== 'object' || format === null || !('codec' in format) || !('payloadType' in format)) return []
  const { codec, payloadType } = format
  return typeof codec === 'string' && typeof payloadType === 'number' ? [[payloadType, codec]] : []
}
