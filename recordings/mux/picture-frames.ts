import { parseH264 } from './h264.ts'
import type { PacketRef, PacketRun, TrackIndex } from './packet-runs.ts'
import { placeOnClock } from './place-on-clock.ts'
import { parseVp8 } from './vp8.ts'

export type PictureCodec = 'VP8' | 'H264'

/** One whole encoded picture: the packets that hold it, and when it belongs where on the call clock. */
export type PictureFrame = {
  readonly atMs: number
  readonly key: boolean
  /** Size of the picture; 0 unless it is a VP8 key frame. */
  readonly widthPx: number
  readonly heightPx: number
  readonly path: string
  readonly packets: readonly PacketRef[]
}

export type PictureLine = {
  readonly frames: readonly PictureFrame[]
  /** Incomplete frames, and those after them that could not be decoded without them. */
  readonly droppedFrames: number
}

type Group = { packets: PacketRef[]; first: PacketRef; whole: boolean; key: boolean; widthPx: number; heightPx: number }

/**
 * Puts packets together to frames. A frame with a packet missing is dropped, and so are all after it up to the next
 * key frame: better a picture that stands still than one that shows what was never filmed.
 */
export function drawPictureLine(tracks: readonly TrackIndex[], codec: PictureCodec): PictureLine {
  const frames: PictureFrame[] = []
  let droppedFrames = 0
  for (const track of tracks) {
    for (const run of track.runs) {
      const groups = groupFrames(run, codec)
      const { atMs } = placeOnClock(groups.map(arrivalOf))
      let awaitsKey = true
      let expected: number | undefined
      groups.forEach((group, i) => {
        if (expected !== undefined && group.first.sequence !== expected) awaitsKey = true
        expected = (group.packets.at(-1) ?? group.first).sequence + 1
        if (!group.whole) awaitsKey = true
        else if (group.key) awaitsKey = false
        if (awaitsKey) {
          droppedFrames += 1
          return
        }
        const { key, widthPx, heightPx, packets } = group
        frames.push({ atMs: atMs[i] ?? 0, key, widthPx, heightPx, path: track.path, packets })
      })
    }
  }
  frames.sort((a, b) => a.atMs - b.atMs)
  return { frames, droppedFrames }
}

/** The frame's place is given by its earliest packet: later ones may be retransmissions. */
function arrivalOf(group: Group): { mediaMs: number; arrivalMs: number } {
  const arrivalMs = group.packets.reduce((least, packet) => Math.min(least, packet.arrivalMs), Number.POSITIVE_INFINITY)
  return { mediaMs: group.first.mediaMs, arrivalMs }
}

function groupFrames(run: PacketRun, codec: PictureCodec): Group[] {
  const groups: Group[] = []
  let open: Group | undefined
  for (const packet of run) {
    // Padding without payload only counts on; it belongs to the frame before as far as numbering goes.
    if (packet.payloadBytes === 0) {
      open?.packets.push(packet)
      continue
    }
    const facts = codec === 'VP8' ? parseVp8(packet.head) : parseH264(packet.head)
    const before = open?.packets.at(-1)
    const follows = before !== undefined && packet.sequence === before.sequence + 1
    if (open === undefined || packet.mediaMs !== open.first.mediaMs) {
      const starts = facts !== undefined && ('startsFrame' in facts ? facts.startsFrame : facts.startsUnit)
      open = { packets: [packet], first: packet, whole: starts, key: false, widthPx: 0, heightPx: 0 }
      groups.push(open)
    } else {
      if (!follows || facts === undefined) open.whole = false
      open.packets.push(packet)
    }
    if (facts?.key !== true) continue
    open.key = true
    if ('widthPx' in facts) {
      open.widthPx = facts.widthPx
      open.heightPx = facts.heightPx
    }
  }
  for (const group of groups) {
    const last = group.packets.findLast(packet => packet.payloadBytes > 0)
    if (last?.marker !== true) group.whole = false
  }
  return groups
}
