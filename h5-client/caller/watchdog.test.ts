import t from 'tap'
import type { CameraNotice } from '../../signaling/protocol/phone.ts'
import { type Look, WATCH_START, type WatchEvent, watch } from './watchdog.ts'
import { impression } from './watchdog-eyes.ts'

/** Events in their order; what was said, and how often the camera was to be taken again. */
function dog(...events: WatchEvent[]) {
  let state = WATCH_START
  const said: CameraNotice[] = []
  let reacquired = 0
  for (const event of events) {
    const result = watch(state, event)
    state = result.state
    said.push(...result.notices)
    if (result.reacquire) reacquired += 1
  }
  return { said, reacquired }
}
const looks = (count: number, look: (index: number) => Omit<Look, 'atMs'>, fromMs = 0): WatchEvent[] =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'look',
    look: { atMs: fromMs + index * 2_000, ...look(index) },
  }))
const bright = { mean: 120, spread: 40 }
const fine = (index: number) => ({
  brightness: bright,
  print: `${index}`,
  framesShown: index * 60,
  framesEncoded: index * 30,
})

t.test('[NET8] a picture that lives is left alone', async t => {
  t.same(dog(...looks(50, fine)), { said: [], reacquired: 0 })
})

t.test('[NET8] page hidden and back, each said once', async t => {
  const { said } = dog({ kind: 'hidden' }, { kind: 'hidden' }, { kind: 'visible' }, { kind: 'visible' })
  t.same(said, ['page-hidden', 'page-visible'])
})

t.test('[NET8] mute and end ask for the camera again, unless the page is hidden', async t => {
  t.same(dog({ kind: 'muted' }, { kind: 'muted' }, { kind: 'unmuted' }), {
    said: ['camera-muted', 'camera-unmuted'],
    reacquired: 1,
  })
  t.same(dog({ kind: 'ended' }, { kind: 'reacquiring' }, { kind: 'reacquired' }), {
    said: ['camera-ended', 'reacquiring', 'reacquired'],
    reacquired: 1,
  })
  t.same(dog({ kind: 'hidden' }, { kind: 'ended' }), { said: ['page-hidden', 'camera-ended'], reacquired: 0 })
  t.same(dog({ kind: 'reacquiring' }, { kind: 'needs-tap' }).said, ['reacquiring', 'needs-tap'])
})

t.test(
  '[NET8] black, frozen, nothing sent: after three looks, once, and the camera is not asked for again and again',
  async t => {
    const black = looks(20, index => ({ ...fine(index), brightness: { mean: 3, spread: 1 } }))
    t.same(dog(...black), { said: ['camera-black'], reacquired: 2 }, 'forty seconds: twice')
    const frozen = looks(8, index => ({ ...fine(index), print: 'same', framesShown: 7 }))
    t.same(dog(...frozen), { said: ['camera-frozen'], reacquired: 1 })
    const unsent = looks(8, index => ({ ...fine(index), framesEncoded: 12 }))
    t.same(dog(...unsent), { said: ['nothing-sent'], reacquired: 1 })
    t.same(dog(...black.slice(0, 2), ...looks(5, fine, 10_000)).said, [], 'a hand over the lens for a moment')
  },
)

t.test(
  '[NET8] a still life is not frozen while frames come, and a paused picture sends nothing with reason',
  async t => {
    t.same(dog(...looks(20, index => ({ ...fine(index), print: 'same' }))).said, [])
    t.same(dog(...looks(20, index => ({ ...fine(index), framesEncoded: undefined }))).said, [])
  },
)

t.test('[NET8] trouble that comes back is said again', async t => {
  const black = (fromMs: number) => looks(4, index => ({ ...fine(index), brightness: { mean: 3, spread: 1 } }), fromMs)
  t.same(dog(...black(0), ...looks(3, fine, 20_000), ...black(60_000)).said, ['camera-black', 'camera-black'])
})

t.test('[NET8] the impression of a frame: brightness, spread, and a print that changes with any pixel', async t => {
  const frame = (value: (index: number) => number) =>
    Array.from({ length: 24 * 16 * 4 }, (_, index) => (index % 4 === 3 ? 255 : value(index >> 2)))
  t.same(impression(frame(() => 0)).brightness, { mean: 0, spread: 0 })
  const striped = impression(frame(index => (index % 2 === 0 ? 0 : 200)))
  t.equal(striped.brightness.mean, 100)
  t.equal(striped.brightness.spread, 100)
  t.not(impression(frame(index => (index === 7 ? 91 : 90))).print, impression(frame(() => 90)).print)
})
