import t from 'tap'
import { PCMA_TO_LINEAR, PCMU_TO_LINEAR } from './g711.ts'
import { placeOnClock } from './place-on-clock.ts'

type Sent = { mediaMs: number; arrivalMs: number }
/** 20 ms packets; `delay` says what the network adds to each. */
function stream(count: number, delay: (n: number) => number, start = 1000): Sent[] {
  return Array.from({ length: count }, (_, n) => ({ mediaMs: n * 20, arrivalMs: start + n * 20 + delay(n) }))
}

t.test('[RE35] jitter does not move the voice; the least delay counts', t => {
  const { atMs, breaks } = placeOnClock(stream(500, n => 10 + ((n * 37) % 50)))
  t.strictSame(breaks, [])
  for (const [n, at] of atMs.entries()) if (Math.abs(at - (1010 + n * 20)) > 1) t.fail(`packet ${n} at ${at}`)
  t.end()
})

t.test('[RE36] a network stall that ends in a burst is no break', t => {
  // Packets 100 to 199 are held up and come together at the end of the stall.
  const points = stream(400, n => (n >= 100 && n < 200 ? (200 - n) * 20 : 0))
  const { atMs, breaks } = placeOnClock(points)
  t.strictSame(breaks, [])
  t.ok(Math.abs((atMs[150] ?? 0) - (1000 + 150 * 20)) < 5, 'they belong where they were spoken')
  t.end()
})

t.test('[RE37] a sender that stopped without counting on gets its silence', t => {
  const points = stream(400, n => (n >= 200 ? 5000 : 0))
  const { atMs, breaks } = placeOnClock(points)
  t.strictSame(breaks, [200])
  t.ok(Math.abs((atMs[200] ?? 0) - (1000 + 200 * 20 + 5000)) < 1)
  t.ok(Math.abs((atMs[199] ?? 0) - (1000 + 199 * 20)) < 1)
  t.end()
})

t.test('[RE38] a timestamp jump without a pause leaves no hole', t => {
  const points = stream(400, () => 0).map((p, n) => ({ ...p, mediaMs: p.mediaMs + (n >= 200 ? 3_000_000 : 0) }))
  const { atMs, breaks } = placeOnClock(points)
  t.strictSame(breaks, [200])
  t.ok(Math.abs((atMs[200] ?? 0) - (atMs[199] ?? 0) - 20) < 1)
  t.end()
})

t.test('[RE39] a clock that is wrong by 300 ppm is followed for an hour', t => {
  const points = Array.from({ length: 180_000 }, (_, n) => ({
    mediaMs: n * 20,
    arrivalMs: n * 20 * 1.0003 + ((n * 7) % 30),
  }))
  const { atMs, breaks } = placeOnClock(points)
  t.strictSame(breaks, [])
  for (let n = 0; n < points.length; n += 997) {
    const off = (atMs[n] ?? 0) - n * 20 * 1.0003
    if (Math.abs(off) > 5) t.fail(`packet ${n} is ${off} ms off`)
  }
  t.end()
})

t.test('[RE45] G.711 decodes to the reference values of ITU-T G.711 and is symmetric', t => {
  t.strictSame(
    [PCMU_TO_LINEAR[0xff], PCMU_TO_LINEAR[0x7f], PCMU_TO_LINEAR[0x80], PCMU_TO_LINEAR[0x00]],
    [0, 0, 32124, -32124],
  )
  t.strictSame(
    [PCMA_TO_LINEAR[0xd5], PCMA_TO_LINEAR[0x55], PCMA_TO_LINEAR[0xaa], PCMA_TO_LINEAR[0x2a]],
    [8, -8, 32256, -32256],
  )
  for (let octet = 0; octet < 128; octet++) {
    if (PCMU_TO_LINEAR[octet] !== -(PCMU_TO_LINEAR[octet | 0x80] ?? 0) && octet !== 0x7f) t.fail(`µ-law ${octet}`)
    if (PCMA_TO_LINEAR[octet] !== -(PCMA_TO_LINEAR[octet | 0x80] ?? 0)) t.fail(`A-law ${octet}`)
  }
  t.end()
})
