/** What a browser and its machine are called by people; `undefined` where a user agent says nothing we know. */
export type BrowserName = {
  readonly browser:
    | 'wechat'
    | 'alipay'
    | 'dingtalk'
    | 'qq'
    | 'safari'
    | 'chrome'
    | 'edge'
    | 'firefox'
    | 'samsung'
    | 'huawei'
    | 'xiaomi'
    | undefined
  readonly machine: 'iphone' | 'ipad' | 'android' | 'harmony' | 'mac' | 'windows' | undefined
}

/** In this order: apps call themselves Safari and Chrome too. */
const BROWSERS: readonly (readonly [NonNullable<BrowserName['browser']>, RegExp])[] = [
  ['wechat', /MicroMessenger/i],
  ['alipay', /AlipayClient/i],
  ['dingtalk', /DingTalk/i],
  ['qq', /\bM?QQBrowser|\bQQ\//i],
  ['huawei', /HuaweiBrowser/i],
  ['xiaomi', /MiuiBrowser/i],
  ['samsung', /SamsungBrowser/i],
  ['edge', /\bEdg(A|iOS)?\//],
  ['firefox', /Firefox|FxiOS/],
  ['chrome', /Chrome|CriOS/],
  ['safari', /Safari/],
]
const MACHINES: readonly (readonly [NonNullable<BrowserName['machine']>, RegExp])[] = [
  ['iphone', /iPhone/],
  ['ipad', /iPad/],
  ['harmony', /HarmonyOS|OpenHarmony/i],
  ['android', /Android/],
  ['mac', /Macintosh/],
  ['windows', /Windows/],
]

/** For a question to a person ("somebody wants to take over with WeChat on an iPhone"), never for a decision of ours. */
export function browserName(userAgent: string): BrowserName {
  return {
    browser: BROWSERS.find(([, pattern]) => pattern.test(userAgent))?.[0],
    machine: MACHINES.find(([, pattern]) => pattern.test(userAgent))?.[0],
  }
}
