import { closeSync, openSync, writeSync } from 'node:fs'
import { element, floatElement, textElement, uintElement, unknownYetSize, wholeSize } from './ebml.ts'

export type VideoTrackInfo = {
  readonly codecId: 'V_VP8' | 'V_MPEG4/ISO/AVC'
  readonly codecPrivate?: Buffer
  readonly widthPx: number
  readonly heightPx: number
}
export type AudioTrackInfo = { readonly opusHead: Buffer; readonly preSkip: number; readonly channels: number }
export type MediaFrame = {
  readonly kind: 'video' | 'audio'
  readonly atMs: number
  readonly key: boolean
  readonly bytes: Buffer
}

const VIDEO = 1
const AUDIO = 2
/** Short enough for a seek to read little, far below the 32 s a block's relative time can express. */
const CLUSTER_MS = 5000
const SEEK_PRE_ROLL_NS = 80_000_000

const ID = {
  ebml: 0x1a45dfa3,
  segment: 0x18538067,
  seekHead: 0x114d9b74,
  info: 0x1549a966,
  tracks: 0x1654ae6b,
  cluster: 0x1f43b675,
  cues: 0x1c53bb6b,
} as const

/**
 * Writes WebM, or Matroska for H.264 (RFC 9559): a video track, an audio track or both, clusters, cues, exact duration. No
 * dates, no random ids: the same frames give the same bytes.
 * Frames must come in order of time. Times are milliseconds of the call; nothing is shifted to zero.
 */
export class WebmWriter {
  readonly #fd: number
  readonly #hasVideo: boolean
  #position = 0
  readonly #segmentAt: number
  readonly #segmentSizeAt: number
  readonly #seekHeadAt: number
  #cluster: { atMs: number; blocks: Buffer[]; cue: boolean } | undefined
  readonly #cues: { atMs: number; position: number }[] = []

  constructor(path: string, o: { video?: VideoTrackInfo; audio?: AudioTrackInfo; durationMs: number; app: string }) {
    this.#fd = openSync(path, 'w', 0o640)
    this.#hasVideo = o.video !== undefined
    const docType = o.video?.codecId === 'V_MPEG4/ISO/AVC' ? 'matroska' : 'webm'
    this.#put(
      element(ID.ebml, [
        uintElement(0x4286, 1),
        uintElement(0x42f7, 1),
        uintElement(0x42f2, 4),
        uintElement(0x42f3, 8),
        textElement(0x4282, docType),
        uintElement(0x4287, 4),
        uintElement(0x4285, 2),
      ]),
    )
    const open = unknownYetSize(ID.segment)
    this.#segmentSizeAt = this.#position + open.length - 8
    this.#put(open)
    this.#segmentAt = this.#position
    this.#seekHeadAt = this.#position
    // Positions are not known yet but always take eight bytes, so the real one fits over this one.
    this.#put(this.#seekHead(0, 0, 0))
    const info = element(ID.info, [
      uintElement(0x2ad7b1, 1_000_000),
      floatElement(0x4489, o.durationMs),
      textElement(0x4d80, o.app),
      textElement(0x5741, o.app),
    ])
    this.#infoAt = this.#position - this.#segmentAt
    this.#put(info)
    this.#tracksAt = this.#position - this.#segmentAt
    this.#put(
      element(ID.tracks, [
        ...(o.video === undefined ? [] : [videoEntry(o.video)]),
        ...(o.audio === undefined ? [] : [audioEntry(o.audio)]),
      ]),
    )
  }
  readonly #infoAt: number
  readonly #tracksAt: number

  write(frame: MediaFrame): void {
    const atMs = Math.max(0, Math.round(frame.atMs))
    const cuePoint = this.#hasVideo ? frame.kind === 'video' && frame.key : true
    const open = this.#cluster
    const due = open !== undefined && atMs - open.atMs >= CLUSTER_MS
    if (open === undefined || due || (this.#hasVideo && cuePoint)) {
      this.#endCluster()
      this.#cluster = { atMs, blocks: [], cue: cuePoint }
    }
    const cluster = this.#cluster
    if (cluster === undefined) return
    const head = Buffer.alloc(4)
    head[0] = 0x80 | (frame.kind === 'video' ? VIDEO : AUDIO)
    head.writeInt16BE(atMs - cluster.atMs, 1)
    head[3] = frame.key ? 0x80 : 0
    cluster.blocks.push(element(0xa3, [head, frame.bytes]))
  }

  /** Writes the cues, fixes the sizes and closes the file. */
  close(): void {
    this.#endCluster()
    const cuesAt = this.#position - this.#segmentAt
    const track = this.#hasVideo ? VIDEO : AUDIO
    this.#put(
      element(
        ID.cues,
        this.#cues.map(cue =>
          element(0xbb, [
            uintElement(0xb3, cue.atMs),
            element(0xb7, [uintElement(0xf7, track), uintElement(0xf1, cue.position)]),
          ]),
        ),
      ),
    )
    const end = this.#position
    writeSync(this.#fd, this.#seekHead(this.#infoAt, this.#tracksAt, cuesAt), 0, undefined, this.#seekHeadAt)
    writeSync(this.#fd, wholeSize(end - this.#segmentAt), 0, 8, this.#segmentSizeAt)
    closeSync(this.#fd)
  }

  #endCluster(): void {
    const cluster = this.#cluster
    this.#cluster = undefined
    if (cluster === undefined) return
    if (cluster.cue) this.#cues.push({ atMs: cluster.atMs, position: this.#position - this.#segmentAt })
    this.#put(element(ID.cluster, [uintElement(0xe7, cluster.atMs), ...cluster.blocks]))
  }

  #seekHead(info: number, tracks: number, cues: number): Buffer {
    const entry = (id: number, position: number) => {
      const where = Buffer.alloc(8)
      where.writeBigUInt64BE(BigInt(position))
      const name = Buffer.alloc(4)
      name.writeUInt32BE(id)
      return element(0x4dbb, [element(0x53ab, [name]), element(0x53ac, [where])])
    }
    return element(ID.seekHead, [entry(ID.info, info), entry(ID.tracks, tracks), entry(ID.cues, cues)])
  }

  #put(bytes: Buffer): void {
    let done = 0
    while (done < bytes.length) done += writeSync(this.#fd, bytes, done, bytes.length - done, this.#position + done)
    this.#position += bytes.length
  }
}

function videoEntry(video: VideoTrackInfo): Buffer {
  return element(0xae, [
    uintElement(0xd7, VIDEO),
    uintElement(0x73c5, VIDEO),
    uintElement(0x9c, 0),
    uintElement(0x83, 1),
    textElement(0x86, video.codecId),
    ...(video.codecPrivate === undefined ? [] : [element(0x63a2, [video.codecPrivate])]),
    element(0xe0, [uintElement(0xb0, video.widthPx), uintElement(0xba, video.heightPx)]),
  ])
}

function audioEntry(audio: AudioTrackInfo): Buffer {
  return element(0xae, [
    uintElement(0xd7, AUDIO),
    uintElement(0x73c5, AUDIO),
    uintElement(0x9c, 0),
    uintElement(0x83, 2),
    textElement(0x86, 'A_OPUS'),
    element(0x63a2, [audio.opusHead]),
    // With the delay declared, the block at time 0 begins with the pre-skip and the voice itself starts at 0.
    uintElement(0x56aa, Math.round((audio.preSkip * 1e9) / 48_000)),
    uintElement(0x56bb, SEEK_PRE_ROLL_NS),
    element(0xe1, [floatElement(0xb5, 48_000), uintElement(0x9f, audio.channels)]),
  ])
}
