const CAPTURE = Buffer.from('OggS', 'latin1')

/**
 * The packets of an Ogg file with a single logical stream (RFC 3533), as our own encoder run writes it.
 * @throws Error when the bytes are not such a file.
 */
export function oggPackets(file: Buffer): Buffer[] {
  const packets: Buffer[] = []
  let open: Buffer[] = []
  let at = 0
  while (at < file.length) {
    if (!file.subarray(at, at + 4).equals(CAPTURE)) throw new Error(`no Ogg page at byte ${at}`)
    const segments = file[at + 26] ?? 0
    const table = file.subarray(at + 27, at + 27 + segments)
    let body = at + 27 + segments
    for (const length of table) {
      open.push(file.subarray(body, body + length))
      body += length
      // A segment shorter than 255 ends its packet.
      if (length === 255) continue
      packets.push(Buffer.concat(open))
      open = []
    }
    at = body
  }
  return packets
}

export type OpusStream = {
  readonly head: Buffer
  /** Samples at 48 kHz that the decoder throws away at the beginning (RFC 7845, section 4.2). */
  readonly preSkip: number
  /** Audio packets of 20 ms each. */
  readonly packets: readonly Buffer[]
}

/** @throws Error when it is no Ogg Opus file. */
export function readOggOpus(file: Buffer): OpusStream {
  const [head, tags, ...packets] = oggPackets(file)
  if (head?.toString('latin1', 0, 8) !== 'OpusHead' || tags === undefined) throw new Error('not an Ogg Opus file')
  return { head, preSkip: head.readUInt16LE(10), packets }
}
