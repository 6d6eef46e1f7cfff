import QRCode from 'qrcode'
import type { CameraTrouble, InviteState, InviteView, JoinRefusal, Language } from '../../signaling/protocol/call.ts'
import { AppError } from '../../signaling/protocol/errors.ts'
import type { CallId, ParticipantId } from '../../signaling/protocol/ids.ts'
import type { CallLog } from '../calls/call-log.ts'
import type { CallDeps } from '../calls/call-parts.ts'
import type { CallConsents } from './call-consents.ts'
import type { CallScenario } from './call-scenario.ts'
import type { Invite } from './invite-book.ts'

const TEXT: Record<Language, (link: string) => string> = {
  'zh-CN': link => `【同屏】请点击链接打开摄像头，让客服看到现场画面。仅限本次通话使用：${link}`,
  en: link => `Tap to show your camera to the agent you are speaking with. Valid for this call only: ${link}`,
}

/** What the caller said on the telephone about getting a text message. */
export type SmsAnswer = { readonly given: boolean; readonly textVersion: string }

/** Refusals written into one call's journal. */
const MAX_REFUSALS_KEPT = 200

/** The order in which an invitation moves; it never moves back. */
const RANK: Record<InviteState, number> = {
  sent: 0,
  'delivery-failed': 0,
  opened: 1,
  consented: 2,
  failed: 2,
  'camera-live': 3,
  expired: 4,
}

/** The visual assist code of one call, as the agent sees it. A new one withdraws the one before. */
export class CallInvite {
  readonly #callId: CallId
  readonly #deps: CallDeps
  readonly #log: CallLog
  readonly #changed: () => void
  #invite: Invite | undefined
  #view: InviteView | undefined
  #expiry: NodeJS.Timeout | undefined
  #refusals = 0

  readonly #consents: CallConsents
  readonly #scenario: CallScenario

  constructor(o: {
    callId: CallId
    deps: CallDeps
    log: CallLog
    consents: CallConsents
    scenario: CallScenario
    changed: () => void
  }) {
    this.#consents = o.consents
    this.#scenario = o.scenario
    this.#callId = o.callId
    this.#deps = o.deps
    this.#log = o.log
    this.#changed = o.changed
  }

  get view(): InviteView | undefined {
    return this.#view
  }

  get current(): Invite | undefined {
    return this.#invite
  }

  /**
   * A new code, sent as a text message unless the caller does not want one. What the caller said about that is noted before.
   * @throws AppError `forbidden` where the kind of call wants the caller asked first
   */
  async issue(o: {
    /** Nobody when another system asked for it together with its call. */
    by?: ParticipantId | undefined
    language: Language
    to: string
    sms?: SmsAnswer | undefined
    /** False: whoever asked hands the code over by other ways; no text message goes out. */
    deliver?: boolean
  }): Promise<InviteView> {
    const { by, language, sms } = o
    const texted = o.deliver !== false && (sms?.given ?? !this.#consents.refused('sms'))
    if (texted && this.#scenario.current.consents.sms === 'required' && !sms && !this.#consents.has('sms'))
      throw new AppError('forbidden', 'ask the caller about the text message first')
    this.#withdraw('expired')
    const ttlMs = this.#deps.rules.inviteTtlMs
    const { invite, token } = this.#deps.invites.issue({ callId: this.#callId, language: o.language, ttlMs })
    const link = `${this.#deps.publicUrl()}/j/${token}`
    const text = TEXT[o.language](link)
    const expiresAt = new Date(invite.expiresAtMs).toISOString()
    const qrSvg = await QRCode.toString(link, { type: 'svg', margin: 2, errorCorrectionLevel: 'M' })
    const channel = texted ? this.#deps.sender.channel : 'none'
    this.#invite = invite
    this.#view = {
      id: invite.id,
      state: 'sent',
      link,
      qrSvg,
      digits: invite.digits,
      digitsAddress: `${this.#deps.publicUrl()}/`,
      language: o.language,
      expiresAt,
      delivery: { channel, to: o.to, text },
    }
    if (sms)
      this.#consents.answer(
        { kind: 'sms', language, ...sms },
        { inviteId: invite.id, ...(by && { by }), recordedBy: 'agent' },
      )
    this.#log.write({ type: 'invite.issued', inviteId: invite.id, ...(by && { by }), language, expiresAt })
    this.#deps.events.inviteIssued(this.#callId)
    this.#expiry = setTimeout(() => this.#expire(invite), ttlMs)
    this.#expiry.unref()
    if (texted) void this.#deliver(invite, { to: o.to, link, text })
    this.#changed()
    return this.#view
  }

  /** The page was opened in a browser (a beacon of its script, not the GET, which link-preview robots do as well). */
  opened(invite: Invite, userAgent: string): void {
    if (!this.#move(invite, 'opened')) return
    this.#log.write({ type: 'invite.opened', inviteId: invite.id, userAgent })
    this.#changed()
  }

  spent(invite: Invite, via: 'link' | 'digits', userAgent: string): void {
    this.#log.write({ type: 'invite.spent', inviteId: invite.id, via, userAgent })
    if (this.#move(invite, 'consented')) this.#changed()
  }

  refused(invite: Invite, reason: JoinRefusal, o: { quietly?: boolean } = {}): void {
    // Whoever holds a link can be refused as often as they like; the record needs to know it, not to grow by it.
    if (this.#refusals >= MAX_REFUSALS_KEPT) return
    this.#refusals += 1
    this.#log.write({ type: 'invite.refused', inviteId: invite.id, reason })
    if (o.quietly || this.#invite !== invite || !this.#view || RANK[this.#view.state] >= RANK.consented) return
    this.#view = { ...this.#view, trouble: reason }
    this.#changed()
  }

  cameraLive(): void {
    if (this.#invite && this.#move(this.#invite, 'camera-live')) this.#changed()
  }

  trouble(trouble: CameraTrouble): void {
    if (!this.#view || this.#view.state === 'expired') return
    this.#view = { ...this.#view, state: this.#view.state === 'camera-live' ? 'camera-live' : 'failed', trouble }
    this.#changed()
  }

  close(): void {
    this.#withdraw('call-ended')
  }

  #move(invite: Invite, state: InviteState): boolean {
    const view = this.#view
    if (this.#invite !== invite || !view) return false
    const forward = RANK[state] > RANK[view.state] || (view.state === 'failed' && state === 'consented')
    if (!forward) return false
    const { trouble: _, ...rest } = view
    this.#view = { ...rest, state }
    return true
  }

  async #deliver(invite: Invite, message: { to: string; link: string; text: string }): Promise<void> {
    const { channel } = this.#deps.sender
    try {
      await this.#deps.sender.send({ callId: this.#callId, ...message })
      this.#log.write({ type: 'invite.handed-over', inviteId: invite.id, channel })
      this.#deps.events.inviteDelivery(this.#callId, 'handed-over')
    } catch (error) {
      // The reason may quote the number or the link, so only its kind is kept.
      const reason = error instanceof Error ? error.name : 'unknown'
      this.#log.write({ type: 'invite.delivery-failed', inviteId: invite.id, reason })
      this.#deps.events.inviteDelivery(this.#callId, 'failed')
      if (this.#invite !== invite || this.#view?.state !== 'sent') return
      this.#view = { ...this.#view, state: 'delivery-failed', trouble: 'delivery' }
      this.#changed()
    }
  }

  #expire(invite: Invite): void {
    if (this.#invite !== invite || invite.spentBy) return
    this.#deps.invites.withdraw(invite, 'expired')
    this.#log.write({ type: 'invite.expired', inviteId: invite.id })
    if (this.#move(invite, 'expired')) this.#changed()
  }

  #withdraw(why: 'expired' | 'call-ended'): void {
    clearTimeout(this.#expiry)
    if (this.#invite) this.#deps.invites.withdraw(this.#invite, why)
    this.#invite = undefined
    if (why === 'call-ended') this.#view = undefined
  }
}
