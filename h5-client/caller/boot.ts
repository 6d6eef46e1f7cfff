import type { JoinRefusal, Language } from '../../signaling/protocol/call.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'

/** What the server writes into the page, so that the first screen needs no second round trip. */
export type Boot = {
  readonly language: Language
  readonly kind: 'link' | 'digits'
  readonly state: 'ready' | JoinRefusal
  /** Only for a link that can still be used. */
  readonly agentName?: string
  /** This browser's cookie belongs to a session of a live call: it may go on without a code. */
  readonly resume?: boolean
  readonly consentVersion: string
  /** Whether this kind of call needs the consent to recording. */
  readonly recording?: 'required' | 'optional'
  /** Known before any call, so that the WebRTC part is ready when the person taps. */
  readonly routerRtpCapabilities?: RtpCapabilities
}

/** Reads `<script type="application/json" id="boot">`. A page without it (a proxy cut it out) becomes a digits page. */
export function readBoot(page: Document, path: string): Boot {
  const text = page.getElementById('boot')?.textContent
  const fallback: Boot = {
    language: navigator.language.startsWith('zh') ? 'zh-CN' : 'en',
    kind: tokenOf(path) === undefined ? 'digits' : 'link',
    state: 'ready',
    consentVersion: 'unknown',
  }
  if (!text) return fallback
  try {
    return { ...fallback, ...(JSON.parse(text) as Partial<Boot>) }
  } catch {
    return fallback
  }
}

/** The link's token: the last part of `/j/<token>`. */
export function tokenOf(path: string): string | undefined {
  return /^\/j\/([^/]+)$/.exec(path)?.[1]
}
