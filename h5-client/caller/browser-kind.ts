import type { CallerWords } from '../shared/words/zh-CN/caller.ts'

/** Which instructions fit this browser. */
export type BrowserKind = keyof CallerWords['howTo']

/** From the user agent: there is no other way to know where a phone hides its camera switch. */
export function browserKind(userAgent: string, touchPoints: number): BrowserKind {
  // iPadOS calls itself a Mac; only its touch screen gives it away.
  const ios = /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && touchPoints > 1)
  const android = /Android|HarmonyOS|OpenHarmony/.test(userAgent)
  if (/MicroMessenger/i.test(userAgent)) return ios ? 'wechat-ios' : android ? 'wechat-android' : 'other'
  if (ios) return /CriOS|FxiOS|EdgiOS|OPiOS|Mercury|UCBrowser|baidu|QQ\//i.test(userAgent) ? 'other-ios' : 'safari-ios'
  if (android) return isPlainChrome(userAgent) ? 'chrome-android' : 'other-android'
  return 'other'
}

function isPlainChrome(userAgent: string): boolean {
  return (
    /Chrome\/\d/.test(userAgent) &&
    !/; wv\)|MiuiBrowser|SamsungBrowser|UCBrowser|QQBrowser|baidu|HuaweiBrowser|HeyTap|Vivo|OPR\/|EdgA|Firefox/i.test(
      userAgent,
    )
  )
}

/** How to get out of an app's own browser. */
export function openHowTo(kind: BrowserKind): keyof CallerWords['openHowTo'] {
  return kind === 'wechat-ios' || kind === 'wechat-android' ? kind : 'other'
}
