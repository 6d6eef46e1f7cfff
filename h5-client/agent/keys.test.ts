import t from 'tap'
import { assistCommandOf } from './assist-keys.ts'
import { commandOf, ERASER_KEY, type KeyContext, STAMP_KEYS, TOOL_KEYS } from './keys.ts'

const IDLE: KeyContext = { ringing: false, live: false, page: false, picture: false }
const press = (
  key: string,
  context: Partial<KeyContext>,
  more: { ctrl?: boolean; shift?: boolean; alt?: boolean } = {},
) => commandOf({ key, ctrl: false, shift: false, alt: false, ...more }, { ...IDLE, ...context })

t.test('[AG20] Enter and A answer while the desk is free; nothing answers during a call', async t => {
  t.match(press('Enter', { ringing: true }), { kind: 'answer' })
  t.match(press('a', { ringing: true }), { kind: 'answer' })
  t.match(press('d', { ringing: true }), { kind: 'decline' })
  t.equal(press('Enter', {}), undefined)
  t.equal(press('Enter', { ringing: true, live: true }), undefined)
  t.equal(press('a', { ringing: true, live: true }), undefined)
})

t.test('[AG21] A draws arrows on a page, even while another call rings', async t => {
  t.match(press('a', { live: true, page: true, ringing: true }), { kind: 'tool', tool: 'arrow' })
  t.match(press('P', { live: true, page: true }), { kind: 'tool', tool: 'pen' }, 'caps lock changes nothing')
  t.equal(press('p', { live: true, picture: true }), undefined, 'no pen over a moving picture')
})

t.test('[AG22] hanging up wants Shift', async t => {
  t.equal(press('h', { live: true }), undefined)
  t.match(press('H', { live: true }, { shift: true }), { kind: 'hang-up' })
  t.match(press('H', { live: true, page: true }, { shift: true }), { kind: 'hang-up' }, 'also over a page')
})

t.test('[AG23] freeze wants a picture, live a page, undo and clear a page', async t => {
  t.match(press('f', { live: true, picture: true }), { kind: 'freeze' })
  t.equal(press('f', { live: true }), undefined)
  t.match(press('l', { live: true, page: true }), { kind: 'live' })
  t.match(press('z', { live: true, page: true }, { ctrl: true }), { kind: 'undo' })
  t.equal(press('z', { live: true }, { ctrl: true }), undefined)
  t.match(press('Z', { live: true, page: true }, { ctrl: true, shift: true }), { kind: 'redo' })
  t.match(press('y', { live: true, page: true }, { ctrl: true }), { kind: 'redo' })
  t.match(press('Delete', { live: true, page: true }), { kind: 'clear' })
  t.match(press('o', { live: true, page: true }), { kind: 'read-text' })
  t.match(press('3', { live: true, page: true }), { kind: 'colour', index: 2 })
})

t.test('[AG24] keys of the browser stay with the browser', async t => {
  for (const key of ['r', 'f', 'v', 'a', 'm'])
    t.equal(press(key, { live: true, page: true }, { ctrl: true }), undefined)
  t.equal(press('f', { live: true, picture: true }, { alt: true }), undefined)
  t.equal(press('F5', { live: true, picture: true, ringing: true }), undefined)
})

t.test(
  '[INK49] every tool and stamp has a key of its own, which the voice, the pages and the assistants leave free',
  async t => {
    const keys = [...TOOL_KEYS, ...STAMP_KEYS].map(([key]) => key)
    t.equal(new Set([...keys, ERASER_KEY]).size, keys.length + 1)
    for (const [key, tool] of [...TOOL_KEYS, ...STAMP_KEYS]) {
      t.same(press(key, { live: true, page: true, picture: true }), { kind: 'tool', tool })
      t.equal(press(key, { live: true, picture: true })?.kind === 'tool', false, 'only over a page')
      const assists = assistCommandOf(
        { key, ctrl: false, shift: false, alt: false },
        { live: true, picture: true, zoomed: true, region: true },
      )
      t.equal(assists, undefined, `${key} means one thing`)
    }
    for (const key of 'mv[]ofl') t.notOk(keys.includes(key))
  },
)
