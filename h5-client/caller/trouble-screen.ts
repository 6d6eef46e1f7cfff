import type { CameraTrouble } from '../../signaling/protocol/call.ts'
import type { CallerWords } from '../shared/words/zh-CN/caller.ts'
import { type BrowserKind, openHowTo } from './browser-kind.ts'
import { button, card, steps } from './card.ts'
import { h } from './dom.ts'
import { menuPicture } from './menu-picture.ts'

/** While the browser's own question is open. After a while it says where to look when no question came. */
export function waitingScreen(words: CallerWords, kind: BrowserKind) {
  const late = h('div', { hidden: true }, steps(words.howToTitle, words.howTo[kind]))
  const timer = setTimeout(() => {
    if (late.isConnected) late.hidden = false
  }, 10_000)
  const screen = card(
    'waiting',
    'camera',
    words.starting,
    [h('p', { 'aria-live': 'polite' }, words.allowHint), late],
    [],
  )
  return { screen, close: () => clearTimeout(timer) }
}

export type TroubleActions = {
  retry(): void
  /** The way without any camera on the page: photos of the phone's own camera, one by one. */
  photos?: () => void
}

/** The camera does not come: what to do in this very browser, a retry, and the way round through another browser. */
export function troubleScreen(words: CallerWords, trouble: CameraTrouble, kind: BrowserKind, actions: TroubleActions) {
  const { title, next } = words.trouble[trouble]
  const elsewhere = trouble === 'no-webrtc' || trouble === 'not-secure'
  const site = `${location.host}/`
  const copy = button(words.copyLink, elsewhere ? 'primary' : 'quiet', () => {
    const done = (ok: boolean) => (copy.textContent = ok ? words.copied : words.copyFailed)
    const writing = navigator.clipboard?.writeText(location.href) ?? Promise.reject(new Error('no clipboard'))
    writing.then(
      () => done(true),
      () => done(false),
    )
  })
  return card(
    'trouble',
    'warning',
    title,
    [
      h('p', {}, next),
      trouble === 'denied' && steps(words.howToTitle, words.howTo[kind]),
      elsewhere && (kind === 'wechat-ios' || kind === 'wechat-android') && menuPicture(words, kind),
      elsewhere && steps(words.openInBrowser, words.openHowTo[openHowTo(kind)]),
      elsewhere && h('p', {}, words.digitsFallback),
      elsewhere && h('p', { class: 'address' }, site),
    ],
    [
      elsewhere ? copy : button(words.retry, 'primary', actions.retry, 'retry'),
      actions.photos !== undefined && button(words.sendPhotos, 'quiet', actions.photos, 'send-photos'),
    ],
    { 'data-trouble': trouble },
  )
}
