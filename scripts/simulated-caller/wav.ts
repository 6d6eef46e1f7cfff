import { decodeG711 } from './g711.ts'

export type Sound = { readonly sampleRateHz: number; readonly samples: Int16Array }

const PCM = 1
const A_LAW = 6
const MU_LAW = 7

/** Reads a mono WAV file in 16-bit PCM, A-law or µ-law. Throws on anything else. */
export function readWav(file: Buffer): Sound {
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw new Error('no WAV')
  let format = 0
  let sampleRateHz = 0
  for (let at = 12; at + 8 <= file.length; ) {
    const name = file.toString('latin1', at, at + 4)
    const bytes = file.readUInt32LE(at + 4)
    const body = file.subarray(at + 8, at + 8 + bytes)
    if (name === 'fmt ') {
      format = body.readUInt16LE(0)
      sampleRateHz = body.readUInt32LE(4)
      if (body.readUInt16LE(2) !== 1) throw new Error('WAV is not mono')
    }
    if (name === 'data') return { sampleRateHz, samples: samplesOf(format, body) }
    at += 8 + bytes + (bytes % 2)
  }
  throw new Error('WAV without data')
}

function samplesOf(format: number, body: Buffer): Int16Array {
  switch (format) {
    case PCM:
      return Int16Array.from({ length: body.length >> 1 }, (_, index) => body.readInt16LE(index * 2))
    case A_LAW:
      return decodeG711('PCMA', body)
    case MU_LAW:
      return decodeG711('PCMU', body)
    default:
      throw new Error(`WAV format ${format} is not read here`)
  }
}

/** A mono 16-bit PCM WAV file. */
export function writeWav({ sampleRateHz, samples }: Sound): Buffer {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
  const head = Buffer.alloc(44)
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + data.length, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(PCM, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(sampleRateHz, 24)
  head.writeUInt32LE(sampleRateHz * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(data.length, 40)
  return Buffer.concat([head, data])
}
