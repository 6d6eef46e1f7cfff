/** The packets of an Ogg stream with one logical stream (RFC 3533 section 6), its two Opus headers (RFC 7845) left out. */
export function opusPacketsOf(ogg: Buffer): Buffer[] {
  const packets: Buffer[] = []
  let open: Buffer[] = []
  for (let at = 0; at + 27 <= ogg.length && ogg.toString('latin1', at, at + 4) === 'OggS'; ) {
    const segments = ogg[at + 26]!
    let body = at + 27 + segments
    for (let n = 0; n < segments; n++) {
      const bytes = ogg[at + 27 + n]!
      open.push(ogg.subarray(body, body + bytes))
      body += bytes
      if (bytes === 255) continue
      packets.push(Buffer.concat(open))
      open = []
    }
    at = body
  }
  return packets.slice(2)
}
