import t from 'tap'
import { type AssistKeyContext, assistCommandOf } from './assist-keys.ts'

const stroke = (key: string, change: { shift?: boolean; ctrl?: boolean } = {}) => ({
  key,
  ctrl: false,
  shift: false,
  alt: false,
  ...change,
})
const PAGE: AssistKeyContext = { live: true, picture: true, zoomed: false, region: false }
const LIVE: AssistKeyContext = { ...PAGE, picture: false }

t.test('[WB17] one key for codes: on a page it reads, on the live picture it looks', async t => {
  t.same(assistCommandOf(stroke('q'), PAGE), { kind: 'press', button: 'read-codes' })
  t.same(assistCommandOf(stroke('q'), LIVE), { kind: 'press', button: 'scan-codes' })
  t.equal(assistCommandOf(stroke('r'), LIVE), undefined, 'a region needs a page')
})

t.test('[WB18] what reaches the phone or other people wants Shift; nothing is meant without a call', async t => {
  t.same(assistCommandOf(stroke('T', { shift: true }), LIVE), { kind: 'press', button: 'torch' })
  t.equal(assistCommandOf(stroke('t'), LIVE), undefined)
  t.same(assistCommandOf(stroke('K', { shift: true }), LIVE), { kind: 'press', button: 'card-shutter' })
  t.equal(assistCommandOf(stroke('q'), { ...PAGE, live: false }), undefined)
  t.equal(assistCommandOf(stroke('r', { ctrl: true }), PAGE), undefined, 'reloading stays the browser’s')
})

t.test(
  '[WB19] arrows move the picture only while it is looked at closely; Escape lets go of a region first',
  async t => {
    t.equal(assistCommandOf(stroke('ArrowLeft'), PAGE), undefined)
    t.same(assistCommandOf(stroke('ArrowLeft'), { ...PAGE, zoomed: true }), { kind: 'pan', dx: 1, dy: 0 })
    t.same(assistCommandOf(stroke('+', { shift: true }), PAGE), { kind: 'zoom', to: 'in' })
    t.equal(assistCommandOf(stroke('Escape'), PAGE), undefined)
    t.same(assistCommandOf(stroke('Escape'), { ...PAGE, region: true }), { kind: 'unselect' })
  },
)
