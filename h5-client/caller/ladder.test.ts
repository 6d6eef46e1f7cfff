import t from 'tap'
import { idle, LADDER, type LadderSample, type LadderState, measure, prefer, startLadder, still } from './ladder.ts'

/** A phone's clock: one measurement a second. */
class Walk {
  state: LadderState = startLadder(0)
  nowMs = 0
  readonly moves: string[] = []

  for(seconds: number, sample: Omit<LadderSample, 'atMs'>, sent?: { ok: boolean; tookMs: number; kbps: number }): this {
    for (let second = 0; second < seconds; second += 1) {
      this.nowMs += 1000
      this.become(measure(this.state, { ...sample, atMs: this.nowMs }))
      if (sent && this.state.rung !== 'live') this.become(still(this.state, sent, this.nowMs))
    }
    return this
  }
  become(next: LadderState): void {
    if (next.rung !== this.state.rung) this.moves.push(`${next.rung} ${next.because}`)
    this.state = next
  }
}
const GOOD = { connected: true, availableKbps: 1_500, lossPercent: 0, roundTripMs: 60 }
const QUICK = { ok: true, tookMs: 150, kbps: 2_000 }
const SLOW = { ok: true, tookMs: 3_000, kbps: 80 }

t.test('[NET2] video stays on a good network, and through a bad moment shorter than the limit', async t => {
  const walk = new Walk()
    .for(20, GOOD)
    .for(2, { ...GOOD, availableKbps: 20 })
    .for(20, GOOD)
  t.same(walk.moves, [])
})

t.test('[NET2] each threshold alone, held long enough, leads to stills', async t => {
  for (const poor of [{ availableKbps: 90 }, { lossPercent: 25 }, { roundTripMs: 1_600 }]) {
    const walk = new Walk().for(5, GOOD).for(15, { ...GOOD, ...poor })
    t.same(walk.moves, ['slow-scan measured'], JSON.stringify(poor))
  }
  t.same(new Walk().for(60, { ...GOOD, availableKbps: LADDER.poorKbps + 5 }).moves, [], 'just above')
  t.same(new Walk().for(60, { ...GOOD, lossPercent: LADDER.poorLossPercent - 1 }).moves, [], 'just below')
})

t.test('[NET2] no connection leads to stills after four seconds, and video is back with it', async t => {
  const walk = new Walk().for(5, { connected: false })
  t.same(walk.moves, ['slow-scan no-connection'])
  walk.for(2, { connected: true })
  t.same(walk.moves, ['slow-scan no-connection', 'live recovered'])
})

t.test('[NET2] the losses of an interruption are no reason to give video up after it', async t => {
  const walk = new Walk().for(10, GOOD).for(3, { ...GOOD, connected: false, lossPercent: 100 })
  walk.for(4, { ...GOOD, lossPercent: 60, roundTripMs: 2_000 }).for(20, GOOD)
  t.same(walk.moves, [])
  walk.for(2, { ...GOOD, connected: false }).for(20, { ...GOOD, lossPercent: 30 })
  t.same(walk.moves, ['slow-scan measured'], 'but lasting loss is')
})

t.test('[NET3] back to video only when stills show a good rate for a while', async t => {
  const walk = new Walk().for(10, { ...GOOD, availableKbps: 80 })
  t.equal(walk.state.rung, 'slow-scan')
  const poor = { connected: true, roundTripMs: 300 }
  walk.for(60, poor, SLOW)
  t.equal(walk.state.rung, 'slow-scan', '80 kbit/s are not enough')
  walk.for(30, { connected: true, roundTripMs: 900 }, QUICK)
  t.equal(walk.state.rung, 'slow-scan', 'nor is a rate with a round trip of 900 ms')
  walk.for(30, { connected: true, roundTripMs: 60 }, QUICK)
  t.equal(walk.state.rung, 'live')
  t.equal(walk.state.because, 'recovered')
})

t.test('[NET3] a network that fools us is tried less and less often', async t => {
  const walk = new Walk()
  for (let second = 0; second < 600; second += 1) {
    // Stills pass quickly, video does not.
    walk.for(1, walk.state.rung === 'live' ? { ...GOOD, availableKbps: 60 } : { ...GOOD, roundTripMs: 60 }, QUICK)
  }
  const tries = walk.moves.filter(move => move === 'live recovered').length
  t.ok(tries >= 3 && tries <= 9, `${tries} tries in ten minutes`)
  t.ok(walk.state.restMs > LADDER.restMs)
})

t.test('[NET3] a fall after a calm time starts with the short rest again', async t => {
  const walk = new Walk()
  for (let round = 0; round < 4; round += 1) walk.for(12, { ...GOOD, availableKbps: 60 }).for(200, GOOD, QUICK)
  t.equal(walk.state.rung, 'live')
  walk.for(12, { ...GOOD, availableKbps: 60 })
  t.equal(walk.state.restMs, LADDER.restMs)
})

t.test('[NET4] stills that fail twice give way to photos; two prompt ones lead back', async t => {
  const walk = new Walk().for(10, { ...GOOD, availableKbps: 80 })
  walk.become(still(walk.state, { ok: false, tookMs: 12_000, kbps: 0 }, walk.nowMs))
  t.equal(walk.state.rung, 'slow-scan')
  walk.become(still(walk.state, { ok: true, tookMs: 9_000, kbps: 10 }, walk.nowMs))
  t.equal(walk.state.rung, 'photo')
  walk.become(still(walk.state, { ok: true, tookMs: 2_000, kbps: 30 }, walk.nowMs))
  t.equal(walk.state.rung, 'photo')
  walk.become(still(walk.state, { ok: true, tookMs: 2_000, kbps: 30 }, walk.nowMs))
  t.same(walk.moves, ['slow-scan measured', 'photo measured', 'slow-scan recovered'])
})

t.test('[NET4] the agent holds a rung, except video without a connection', async t => {
  const walk = new Walk().for(3, GOOD)
  walk.become(prefer(walk.state, 'slow-scan', walk.nowMs))
  walk.for(60, GOOD, QUICK)
  t.same(walk.moves, ['slow-scan agent'], 'held although video would pass')
  walk.become(prefer(walk.state, 'live', walk.nowMs))
  walk.for(30, { ...GOOD, availableKbps: 40, roundTripMs: 2_000 })
  t.equal(walk.state.rung, 'live', 'held although it is poor')
  walk.for(6, { connected: false })
  t.equal(walk.state.rung, 'slow-scan')
  walk.for(3, GOOD)
  t.equal(walk.state.rung, 'live', 'and held again when it can be')
  walk.become(prefer(walk.state, 'auto', walk.nowMs))
  walk.for(20, { ...GOOD, availableKbps: 40 })
  t.equal(walk.state.rung, 'slow-scan', 'measured again')
})

t.test('[NET2] time in which no picture was wanted says nothing about the network', async t => {
  const walk = new Walk().for(3, { connected: false })
  walk.become(idle(walk.state))
  walk.nowMs += 60_000
  walk.for(3, { connected: false })
  t.equal(walk.state.rung, 'live')
})
