import t from 'tap'
import { encodeG711, SILENCE_BYTE } from './g711.ts'

/** Decoders straight from the tables of ITU-T G.711, for the test alone. */
function fromMuLaw(code: number): number {
  const bits = ~code & 0xff
  const size = (((bits & 0x0f) << 3) + 132) << ((bits >> 4) & 7)
  return bits & 0x80 ? 132 - size : size - 132
}
function fromALaw(code: number): number {
  const bits = code ^ 0x55
  const segment = (bits >> 4) & 7
  const size = segment === 0 ? ((bits & 0x0f) << 4) + 8 : (((bits & 0x0f) << 4) + 0x108) << (segment - 1)
  return bits & 0x80 ? size : -size
}

t.test('[ME75] every sample survives within the step of its segment; silence is the code of silence', async t => {
  let worst = 0
  for (let sample = -32_000; sample <= 32_000; sample += 7) {
    const allowed = Math.max(16, Math.abs(sample) / 16)
    worst = Math.max(
      worst,
      Math.abs(fromMuLaw(encodeG711('PCMU', sample)) - sample) / allowed,
      Math.abs(fromALaw(encodeG711('PCMA', sample)) - sample) / allowed,
    )
  }
  t.ok(worst <= 1, `${worst}`)
  t.equal(encodeG711('PCMU', 0), SILENCE_BYTE.PCMU)
  t.equal(encodeG711('PCMA', 0), SILENCE_BYTE.PCMA)
})
