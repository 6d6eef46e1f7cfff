import t from 'tap'
import { HttpRefusal } from '../shared/http.ts'
import { CALLER_EN } from '../shared/words/en/caller.ts'
import { CALLER_ZH } from '../shared/words/zh-CN/caller.ts'
import { tokenOf } from './boot.ts'
import { browserKind, openHowTo } from './browser-kind.ts'
import { CameraRefused, troubleOf } from './camera.ts'
import { plainDigits, refusalOf } from './join.ts'
import { sentence } from './live-notice.ts'
import type { VisitView } from './visit-types.ts'

t.test('[PG12] the instructions fit the browser in the hand', async t => {
  const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'
  const android = 'Mozilla/5.0 (Linux; Android 14; 2211133C) AppleWebKit/537.36 (KHTML, like Gecko)'
  t.equal(browserKind(`${iphone} Mobile/15E148 MicroMessenger/8.0.49`, 5), 'wechat-ios')
  t.equal(browserKind(`${android} Chrome/116.0 XWEB/1160 MMWEBSDK MicroMessenger/8.0`, 5), 'wechat-android')
  t.equal(browserKind(`${iphone} Version/17.5 Mobile/15E148 Safari/604.1`, 5), 'safari-ios')
  t.equal(
    browserKind('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/17 Safari/605', 5),
    'safari-ios',
  )
  t.equal(
    browserKind('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) AppleWebKit/605 Version/17 Safari/605', 0),
    'other',
  )
  t.equal(browserKind(`${iphone} CriOS/126.0 Mobile/15E148 Safari/604.1`, 5), 'other-ios')
  t.equal(browserKind(`${android} Chrome/126.0 Mobile Safari/537.36`, 5), 'chrome-android')
  t.equal(
    browserKind(`${android} Version/4.0 Chrome/100 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18`, 5),
    'other-android',
  )
  t.equal(openHowTo('wechat-ios'), 'wechat-ios')
  t.equal(openHowTo('other-android'), 'other')
})

t.test('[PHO36] the browsers people have in their hands are told apart by what helps them', async t => {
  const android = (rest: string) => `Mozilla/5.0 (Linux; Android 14; X) AppleWebKit/537.36 (KHTML, like Gecko) ${rest}`
  const ios = (rest: string) => `Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 ${rest}`
  const rows: readonly (readonly [string, string])[] = [
    [android('SamsungBrowser/25.0 Chrome/121.0 Mobile Safari/537.36'), 'other-android'],
    [android('Chrome/114.0 HuaweiBrowser/14.0 Mobile Safari/537.36'), 'other-android'],
    [android('Version/4.0 Chrome/114.0 HeyTapBrowser/45 Mobile Safari/537.36'), 'other-android'],
    [android('Chrome/110.0 VivoBrowser/20 Mobile Safari/537.36'), 'other-android'],
    [android('Chrome/123.0 UCBrowser/16 Mobile Safari/537.36'), 'other-android'],
    [android('Chrome/109.0 MQQBrowser/14 Mobile Safari/537.36'), 'other-android'],
    [android('Firefox/126.0'), 'other-android'],
    [android('Chrome/116.0 XWEB/1160 MicroMessenger/8.0.49 wxwork/4.1'), 'wechat-android'],
    [
      'Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 Chrome/114.0 ArkWeb/4.1 Mobile HuaweiBrowser/5',
      'other-android',
    ],
    [ios('Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI'), 'wechat-ios'],
    [ios('CriOS/126 Mobile/15E148 Safari/604.1'), 'other-ios'],
    [ios('EdgiOS/126 Mobile/15E148 Safari/604.1'), 'other-ios'],
    [ios('Version/18.4 Mobile/15E148 Safari/604.1'), 'safari-ios'],
  ]
  for (const [agent, kind] of rows) t.equal(browserKind(agent, 5), kind, agent)
})

t.test('[PG13] every name a browser gives to a camera trouble has its page', async t => {
  const of = (name: string) => troubleOf(Object.assign(new Error('x'), { name }))
  t.equal(of('NotAllowedError'), 'denied')
  t.equal(of('NotFoundError'), 'no-camera')
  t.equal(of('OverconstrainedError'), 'no-camera')
  t.equal(of('NotReadableError'), 'in-use')
  t.equal(of('SecurityError'), 'not-secure')
  t.equal(of('UnsupportedError'), 'no-webrtc')
  t.equal(of('TypeError'), 'other')
  t.equal(troubleOf(new CameraRefused('in-use')), 'in-use')
  t.equal(troubleOf(undefined), 'other')
})

t.test('[PG14] a refused join becomes the page that helps', async t => {
  t.equal(refusalOf(new HttpRefusal(409, 'conflict', '', { refusal: 'already-used' })), 'already-used')
  t.equal(refusalOf(new HttpRefusal(410, 'gone', '')), 'expired')
  t.equal(refusalOf(new HttpRefusal(429, 'too-many', '')), 'too-many')
  t.equal(refusalOf(new HttpRefusal(0, 'lost', '')), 'network')
  t.equal(refusalOf(new HttpRefusal(404, 'not-found', '')), 'unknown')
  t.equal(refusalOf(new TypeError()), 'network')
})

t.test('[PG15] digits from any keyboard, tokens only from a link', async t => {
  t.equal(plainDigits(' １２3-4５6 7'), '123456')
  t.equal(tokenOf('/j/AAAAAAAAAAAAAAAAAAAAAA'), 'AAAAAAAAAAAAAAAAAAAAAA')
  t.equal(tokenOf('/'), undefined)
  t.equal(tokenOf('/j/'), undefined)
})

t.test('[PG16] both languages say everything, and no step list is empty', async t => {
  const keys = (words: object): string[] =>
    Object.entries(words).flatMap(([key, value]) =>
      typeof value === 'object' ? keys(value).map(inner => `${key}.${inner}`) : [key],
    )
  const words = (lists: object) => Object.keys(lists).sort()
  t.strictSame(words(CALLER_EN), words(CALLER_ZH))
  t.strictSame(words(CALLER_EN.trouble), words(CALLER_ZH.trouble))
  for (const language of [CALLER_EN, CALLER_ZH]) {
    t.ok(keys(language).length > 60)
    for (const list of [...Object.values(language.howTo), ...Object.values(language.openHowTo)]) t.ok(list.length > 1)
    for (const { title, next } of Object.values(language.trouble)) t.ok(title.length > 3 && next.length > 8)
  }
})

t.test(
  '[CS19] behind the card shutter nothing is said of a page that nobody sees; that the network is gone is',
  async t => {
    const view = { online: true, camera: 'live', shut: true } as VisitView
    const facts = { view, hasPage: true, hasMarks: true, pointing: true }
    t.equal(sentence(CALLER_EN, facts), '')
    t.equal(sentence(CALLER_EN, { ...facts, view: { ...view, shut: false } }), CALLER_EN.pagePointing)
    t.equal(sentence(CALLER_EN, { ...facts, view: { ...view, online: false } }), CALLER_EN.offline)
  },
)
