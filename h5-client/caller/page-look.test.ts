import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { RequestRefused, type SocketState } from '../shared/socket.ts'
import { type LookSignaling, PageLook, SEEN_MS } from './page-look.ts'

/** A page turned by hand: foreground and time are the test's. */
class HandForeground {
  isVisible = true
  #listeners = new Set<() => void>()
  #timers: { atMs: number; run: () => void; off: boolean }[] = []
  #nowMs = 0

  visible = () => this.isVisible
  onChange = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  setTimer = (run: () => void, delayMs: number) => {
    const timer = { atMs: this.#nowMs + delayMs, run, off: false }
    this.#timers.push(timer)
    return () => {
      timer.off = true
    }
  }
  turn(visible: boolean): void {
    this.isVisible = visible
    for (const listener of this.#listeners) listener()
  }
  pass(ms: number): void {
    this.#nowMs += ms
    for (const timer of this.#timers.splice(0)) {
      if (timer.off) continue
      if (timer.atMs <= this.#nowMs) timer.run()
      else this.#timers.push(timer)
    }
  }
  get listeners(): number {
    return this.#listeners.size
  }
}

/** A socket opened and closed by hand; it keeps what was asked. */
class HandSignaling implements LookSignaling {
  readonly asked: string[] = []
  isOpen = true
  refuse: RequestRefused | undefined
  #listeners = new Set<(state: SocketState) => void>()
  #waiting: (() => void)[] = []

  request = async (name: string, data: object) => {
    if (!this.isOpen) throw new RequestRefused('lost', 'closed by hand')
    this.asked.push(`${name} ${Object.values(data).join(' ')}`)
    if (this.refuse) throw this.refuse
    return {}
  }
  opened = () => (this.isOpen ? Promise.resolve() : new Promise<void>(resolve => this.#waiting.push(resolve)))
  onState = (listener: (state: SocketState) => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
  set(open: boolean): void {
    this.isOpen = open
    for (const listener of this.#listeners)
      listener(open ? { kind: 'open' } : { kind: 'lost', retryInMs: 250, tries: 0 })
    if (open) for (const go of this.#waiting.splice(0)) go()
  }
  take(): string[] {
    return this.asked.splice(0)
  }
}
const settled = () => new Promise(resolve => setImmediate(resolve))

function begin() {
  const foreground = new HandForeground()
  const signaling = new HandSignaling()
  const look = new PageLook(foreground)
  look.attach(signaling)
  return { foreground, signaling, look, page: newId('page') }
}

t.test('[PUSH6] a page counts as seen after it stood in the foreground long enough, once', async t => {
  const { foreground, signaling, look, page } = begin()
  look.loaded(page)
  look.shows(page)
  foreground.pass(SEEN_MS - 1)
  await settled()
  t.same(signaling.take(), [`caller.look ${page}`, `page.loaded ${page}`])
  foreground.pass(1)
  await settled()
  t.same(signaling.take(), [`page.seen ${page}`])
  look.shows('live')
  look.shows(page)
  foreground.pass(SEEN_MS)
  await settled()
  t.same(signaling.take(), ['caller.look live', `caller.look ${page}`], 'looking again is no second seeing')
})

t.test('[PUSH6] a page that is left or hidden too soon was not seen', async t => {
  const { foreground, signaling, look, page } = begin()
  look.shows(page)
  foreground.pass(SEEN_MS / 2)
  foreground.turn(false)
  foreground.pass(SEEN_MS)
  await settled()
  t.same(signaling.take(), [`caller.look ${page}`, 'caller.look away'])
  foreground.turn(true)
  foreground.pass(SEEN_MS / 2)
  look.shows('live')
  foreground.pass(SEEN_MS)
  await settled()
  t.same(signaling.take(), [`caller.look ${page}`, 'caller.look live'])
})

t.test(
  '[PUSH6] what is looked at: camera, page, shared screen, or nothing while the page is in the background',
  async t => {
    const { foreground, signaling, look } = begin()
    t.same(signaling.take(), [], 'nothing is said before anything is shown')
    look.shows('live')
    look.shows('share')
    foreground.turn(false)
    look.shows('live')
    t.same(signaling.take(), ['caller.look live', 'caller.look share', 'caller.look away'], 'hidden stays hidden')
    foreground.turn(true)
    look.shows(undefined)
    t.same(signaling.take(), ['caller.look live', 'caller.look away'])
  },
)

t.test('[PUSH7] receipts survive a lost socket and a lost reply; a refusal ends them', async t => {
  const { signaling, look, page } = begin()
  look.shows('live')
  signaling.take()
  signaling.set(false)
  look.loaded(page)
  look.copied(page, 2)
  look.copied(page, 2)
  await settled()
  t.same(signaling.take(), [])
  signaling.set(true)
  await settled()
  t.same(signaling.take().sort(), ['caller.look live', `page.copied ${page} 2`, `page.loaded ${page}`])
  signaling.refuse = new RequestRefused('timeout', 'no reply')
  look.copied(page, 3)
  await Promise.resolve()
  signaling.refuse = undefined
  await settled()
  t.same([...new Set(signaling.take())], [`page.copied ${page} 3`])
  signaling.refuse = new RequestRefused('not-found', 'another call’s page')
  look.copied(page, 4)
  await settled()
  await settled()
  t.same(signaling.take(), [`page.copied ${page} 4`], 'asked once')
})

t.test('[PUSH7] what happens before the session is known is told with it', async t => {
  const foreground = new HandForeground()
  const look = new PageLook(foreground)
  const page = newId('page')
  look.loaded(page)
  look.shows(page)
  foreground.pass(SEEN_MS)
  const signaling = new HandSignaling()
  look.attach(signaling)
  await settled()
  t.same(signaling.take().sort(), [`caller.look ${page}`, `page.loaded ${page}`, `page.seen ${page}`])
  look.close()
  t.equal(foreground.listeners, 0)
})
