import t from 'tap'
import { decodeG711, encodeG711 } from './g711.ts'
import { tone } from './sample-source.ts'

t.test('[CAL1] G.711 agrees with the values of the standard', async t => {
  t.same([...encodeG711('PCMU', Int16Array.of(0, 32767, -32768))], [0xff, 0x80, 0x00])
  t.same([...decodeG711('PCMU', Uint8Array.of(0x80, 0x00, 0xff))], [32124, -32124, 0])
  t.same([...encodeG711('PCMA', Int16Array.of(0, 32767, -32768))], [0xd5, 0xaa, 0x2a])
  t.same([...decodeG711('PCMA', Uint8Array.of(0xaa, 0x2a, 0xd5))], [32256, -32256, 8])
})

t.test('[CAL1] every octet survives decoding and encoding', async t => {
  for (const codec of ['PCMU', 'PCMA'] as const) {
    const octets = Uint8Array.from({ length: 256 }, (_, index) => index).filter(
      octet => codec === 'PCMA' || octet !== 0x7f,
    )
    t.same([...encodeG711(codec, decodeG711(codec, octets))], [...octets], `${codec} (0x7f is µ-law's second zero)`)
  }
})

t.test('[CAL1] a tone keeps at least 35 dB above its quantisation noise', async t => {
  const clean = tone(440)(0, 8000)
  for (const codec of ['PCMU', 'PCMA'] as const) {
    const back = decodeG711(codec, encodeG711(codec, clean))
    const power = clean.reduce((sum, sample) => sum + sample ** 2, 0)
    const noise = clean.reduce((sum, sample, index) => sum + (sample - (back[index] ?? 0)) ** 2, 0)
    t.ok(10 * Math.log10(power / noise) > 35, codec)
  }
})
