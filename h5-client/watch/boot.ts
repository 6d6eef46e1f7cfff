import type { Language } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { RtpCapabilities } from '../../signaling/protocol/media.ts'

/** What the server writes into the page. */
export type Boot = {
  readonly kind: 'supervisor' | 'guest'
  readonly state: 'ready' | 'back' | 'used' | 'over'
  readonly name: string
  readonly agentName: string
  readonly callId: CallId
  readonly language: Language
  readonly routerRtpCapabilities: RtpCapabilities
}

/** @throws Error when a proxy cut the boot record out: nothing works without it */
export function readBoot(page: Document): Boot {
  return JSON.parse(page.getElementById('boot')?.textContent ?? '') as Boot
}
