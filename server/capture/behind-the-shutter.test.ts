import { mock } from 'node:test'
import fc from 'fast-check'
import t from 'tap'
import { payloadStart, payloadTypeOf } from '../../media/edge/rtp-packet.ts'
import { HandCall, type Side, type Stall } from './fixtures/hand-call.ts'
import { type Carried, type Key, type Said, type Speaker, speech } from './fixtures/speaker.ts'

t.setTimeout(180_000)

const CALL_MS = 8_000
const QUICKEST_MS = { in: 40, out: 25 }
/** Packets of a stream nobody knew when it opened are kept from then on. */
const STRANGER_MS = 500
const PUNCTUAL: Carried = { extraMs: 0, lost: false, twice: false }

type Play = {
  readonly pauseMs: number
  readonly resumeMs: number
  readonly speakers: Readonly<Record<Side, Speaker>>
  readonly stalls: readonly Stall[]
  readonly timersFirst: boolean
}

/** Plays it, and tells what of each side was said, what stands in the tracks, and where the pauses are. */
async function played(o: Play) {
  const call = await HandCall.open()
  try {
    const sides = { in: speech(o.speakers.in, CALL_MS), out: speech(o.speakers.out, CALL_MS) }
    const arrivals = [
      ...sides.in.arrivals,
      ...sides.out.arrivals,
      { atMs: o.pauseMs, arrive: (one: HandCall) => one.pause(), afterTimers: true },
      { atMs: o.resumeMs, arrive: (one: HandCall) => void one.shutter.resume({ because: 'ivr' }), afterTimers: true },
    ]
    mock.timers.enable({ apis: ['setTimeout'] })
    try {
      call.play({ untilMs: CALL_MS + 500, arrivals, stalls: o.stalls, timersFirst: o.timersFirst })
    } finally {
      mock.timers.reset()
    }
    return { said: { in: sides.in.said, out: sides.out.said }, kept: await call.read() }
  } finally {
    await call.close()
  }
}

/** Everything that must not be there, in words. */
function leaks({ said, kept }: Awaited<ReturnType<typeof played>>): string[] {
  const [pause] = kept.pauses
  if (!pause || kept.pauses.length > 1) return [`${kept.pauses.length} pauses`]
  const { fromMs, toMs } = pause
  const found: string[] = []
  for (const side of ['in', 'out'] as const) {
    for (const { atMs, rtp, event } of kept[side]) {
      if (atMs > fromMs && atMs < toMs) found.push(`${side} at ${atMs}: ${event?.type ?? 'a packet'}`)
      if (!rtp) continue
      const voice = payloadTypeOf(rtp) === 0
      const number = rtp.readUInt32BE(payloadStart(rtp))
      const whys = voice ? said[side].filter(one => one.number === number).map(one => why(one, toMs, side)) : []
      // What came twice is there once with right when one of the two has come in time.
      if (whys.length > 0 && whys.every(one => one !== undefined)) found.push(`${side} at ${atMs}: ${whys[0]}`)
    }
  }
  for (const digit of new Set(said.in.map(one => one.digit))) {
    if (digit === undefined) continue
    const packets = said.in.filter(one => one.digit === digit && one.taken)
    const [first] = packets
    const told = kept.in.some(({ event }) => event?.type === 'dtmf' && event.digit === digit)
    if (told && first && packets.every(one => why(one, toMs, 'in') !== undefined))
      found.push(`key ${digit}: ${why(first, toMs, 'in')}`)
  }
  return found
}

/** Why a packet may not be in the record: it was taken in behind the shutter, or could have been had it been quick. */
function why(one: Said, toMs: number, side: Side): string | undefined {
  if (!one.taken) return 'never taken in'
  const { atMs, phase } = one.taken
  const words = `${one.digit ?? one.number}, sampled at ${one.sampledMs}, taken at ${atMs}, opened at ${toMs}`
  if (phase === 'behind') return `taken in behind the shutter: ${words}`
  if (phase === 'after' && one.sampledMs + QUICKEST_MS[side] < toMs) return `late from behind the shutter: ${words}`
  return undefined
}

/** Packets that were said and taken in outside and are not there. */
function missing({ said, kept }: Awaited<ReturnType<typeof played>>, anewMs: readonly number[]): string[] {
  const [pause] = kept.pauses
  const { toMs = 0 } = pause ?? {}
  const there = new Set(
    kept.in.map(({ rtp }) => rtp && payloadTypeOf(rtp) === 0 && rtp.readUInt32BE(payloadStart(rtp))),
  )
  const strangers = anewMs.some(ms => ms > toMs - 12_000) ? STRANGER_MS + 40 : 20
  return said.in
    .filter(one => one.digit === undefined && one.taken && one.taken.phase !== 'behind')
    .filter(one => one.taken?.phase === 'before' || one.sampledMs + QUICKEST_MS.in > toMs + strangers)
    .filter(one => !there.has(one.number))
    .map(one => `${one.number}, sampled at ${one.sampledMs}`)
}

const speaker = (side: Side, o: Partial<Speaker> = {}): Speaker => ({
  side,
  quickestMs: QUICKEST_MS[side],
  carried: () => PUNCTUAL,
  anewMs: [],
  keys: [],
  ...o,
})
const plain = (o: Partial<Play> & { in?: Partial<Speaker>; out?: Partial<Speaker> } = {}): Play => ({
  pauseMs: 2_000,
  resumeMs: 4_000,
  stalls: [],
  timersFirst: true,
  ...o,
  speakers: { in: speaker('in', o.in), out: speaker('out', o.out) },
})

t.test('[CS10] [CS14] with nothing in the way, the record ends and goes on at the very packet', async t => {
  for (const timersFirst of [true, false]) {
    const play = await played(plain({ timersFirst }))
    t.same(leaks(play), [])
    t.same(missing(play, []), [])
    const [pause] = play.kept.pauses
    t.match(pause, { fromMs: 2_000, toMs: 4_500 })
    t.ok(play.kept.out.some(({ atMs, rtp }) => rtp && atMs > 4_500))
  }
})

t.test('[CS14] a stall over the opening: what waited in the sockets is not kept, whoever is served first', async t => {
  for (const timersFirst of [true, false])
    for (const fromMs of [4_300, 4_470, 4_499]) {
      const play = await played(plain({ timersFirst, stalls: [{ fromMs, toMs: fromMs + 400 }] }))
      t.same(leaks(play), [], `stalled from ${fromMs}`)
      t.same(missing(play, []), [])
    }
})

t.test('[CS14] a process that has lagged for seconds still knows what is late', async t => {
  const stalls = Array.from({ length: 6 }, (_, i) => ({ fromMs: 1_500 + i * 620, toMs: 2_000 + i * 620 }))
  t.same(leaks(await played(plain({ stalls }))), [])
  // Or the network has.
  const carried = (n: number) => ({ ...PUNCTUAL, extraMs: n > 75 ? 300 : 0 })
  t.same(leaks(await played(plain({ in: { carried }, out: { carried } }))), [])
})

t.test('[CS14] a key pressed behind it whose first packet comes after it has opened', async t => {
  const keys: Key[] = [{ digit: '7', fromMs: 4_440, forMs: 300 }]
  t.same(leaks(await played(plain({ in: { keys, carried: n => ({ ...PUNCTUAL, extraMs: n > 200 ? 60 : 0 }) } }))), [])
})

t.test('[CS14] a stream that begins as it opens brings nothing along from before', async t => {
  for (const ms of [4_470, 4_490, 4_510]) {
    const carried = (n: number) => ({ ...PUNCTUAL, extraMs: n * 20 < 4_480 && n * 20 > 4_380 ? 150 : 0 })
    const anew = { anewMs: [ms], carried }
    const play = await played(plain({ in: anew, out: anew }))
    t.same(leaks(play), [], `anew at ${ms}`)
    t.same(missing(play, [ms]), [])
  }
})

const key = fc.record({ fromMs: fc.integer({ min: 300, max: 7_000 }), forMs: fc.integer({ min: 60, max: 700 }) })
const lateness = fc.oneof(
  { weight: 12, arbitrary: fc.constant(0) },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 60 }) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 900 }) },
)
const network = fc
  .array(fc.record({ extraMs: lateness, lost: fc.nat(40).map(n => n === 0), twice: fc.nat(40).map(n => n === 0) }), {
    minLength: 53,
    maxLength: 97,
  })
  .map(list => (n: number) => list[n % list.length] ?? PUNCTUAL)

t.test(
  '[CS10] [CS14] [CS18] whatever the network, the phones and the process do, nothing of a pause is kept',
  async t => {
    let [kept, runs] = [0, 0]
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          pauseMs: fc.integer({ min: 1_500, max: 2_500 }),
          forMs: fc.integer({ min: 0, max: 2_500 }),
          stalls: fc.array(
            fc.record({ at: fc.integer({ min: -900, max: 300 }), forMs: fc.integer({ min: 1, max: 1_500 }) }),
            {
              maxLength: 3,
            },
          ),
          anew: fc.array(fc.integer({ min: -2_500, max: 900 }), { maxLength: 2 }),
          keys: fc.array(key, { maxLength: 5 }),
          networks: fc.tuple(network, network),
          timersFirst: fc.boolean(),
        }),
        async o => {
          const resumeMs = o.pauseMs + o.forMs
          // A stream of which nothing is known is told from its predecessor for half a second only.
          const longestMs = o.anew.length > 0 ? STRANGER_MS - 200 : Number.POSITIVE_INFINITY
          const stalls = o.stalls.slice(0, o.anew.length > 0 ? 1 : 3).map(({ at, forMs }) => ({
            fromMs: resumeMs + 500 + at,
            toMs: resumeMs + 500 + at + Math.min(forMs, longestMs),
          }))
          const anewMs = o.anew.map(ms => resumeMs + 500 + ms)
          const quick = (of: (n: number) => Carried) => (n: number) => {
            const one = of(n)
            return o.anew.length > 0 ? { ...one, extraMs: Math.min(one.extraMs, 400) } : one
          }
          const keys = o.keys.map((one, i) => ({ ...one, digit: `${i}` }))
          const play = await played(
            plain({
              pauseMs: o.pauseMs,
              resumeMs,
              stalls,
              timersFirst: o.timersFirst,
              in: { carried: quick(o.networks[0]), anewMs, keys },
              out: { carried: quick(o.networks[1]), anewMs },
            }),
          )
          const found = leaks(play)
          if (found.length > 0) throw new Error(found.join('\n'))
          kept += play.kept.in.length + play.kept.out.length
          runs += 1
        },
      ),
      { numRuns: 100, interruptAfterTimeLimit: 90_000, endOnFailure: true },
    )
    t.ok(runs > 10 && kept > runs * 200, `${kept} records of ${runs} calls`)
  },
)
