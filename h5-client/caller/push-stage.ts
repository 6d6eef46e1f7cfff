import type { PageId } from '../../signaling/protocol/ids.ts'
import { type Stage, shownPage } from '../../signaling/protocol/stage.ts'
import { PUSH_PHONE_EN } from '../shared/words/en/push-phone.ts'
import { PUSH_PHONE_ZH, type PushPhoneWords } from '../shared/words/zh-CN/push-phone.ts'
import { CardView } from './card-view.ts'
import type { PageLook } from './page-look.ts'
import { type ShareSource, ShareView } from './share-view.ts'

export type PushTools = { readonly look: PageLook; readonly share: ShareSource }

/** What stands on the stage and is no picture: a card, or the agent's screen. */
export class PushStage {
  readonly elements: readonly HTMLElement[]
  readonly #words: PushPhoneWords
  readonly #look: PageLook
  readonly #card: CardView
  readonly #share: ShareView

  constructor(tools: PushTools) {
    this.#words = document.documentElement.lang === 'en' ? PUSH_PHONE_EN : PUSH_PHONE_ZH
    this.#look = tools.look
    this.#card = new CardView(this.#words)
    this.#card.onCopied = (pageId, row) => tools.look.copied(pageId, row)
    this.#share = new ShareView(this.#words, tools.share)
    this.elements = [this.#card.element, this.#share.element]
  }

  /**
   * @param anew the whole stage was read again: a shared screen comes on a new transport
   * @returns what is shown here, or undefined when the stage holds a picture or the camera
   */
  show(stage: Stage, anew: boolean): PageId | 'share' | undefined {
    const page = shownPage(stage)?.page
    const card = page?.kind === 'card' ? page : undefined
    this.#card.show(card)
    if (anew && stage.showing === 'share') this.#share.again()
    this.#share.show(stage.showing === 'share')
    if (card) this.#look.loaded(card.id)
    return card?.id ?? (stage.showing === 'share' ? 'share' : undefined)
  }

  /** The one sentence about what the agent sent, or undefined for pictures taken of the caller's own. */
  sentence(stage: Stage): string | undefined {
    if (stage.showing === 'share') return this.#words.shareShown
    const kind = shownPage(stage)?.page.kind
    return kind === 'card' ? this.#words.cardShown : kind === 'pushed' ? this.#words.pictureShown : undefined
  }

  close(): void {
    this.#card.close()
    this.#share.close()
  }
}
