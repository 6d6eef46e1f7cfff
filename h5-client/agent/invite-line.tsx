import type { InviteView, Language } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { Icon } from '../shared/console/icon.tsx'
import { SAY_NEXT_EN, SAY_UNSENT_EN } from '../shared/words/en/say-next.ts'
import { TROUBLE_EN } from '../shared/words/en/trouble.ts'
import { SAY_NEXT_ZH, SAY_UNSENT_ZH } from '../shared/words/zh-CN/say-next.ts'
import { TROUBLE_ZH } from '../shared/words/zh-CN/trouble.ts'
import { useBench } from './bench.ts'
import { reachedStep, STEPS } from './invite-steps.ts'

/** In the customer's language: the agent says these aloud, and the phone shows the same. */
const SAY: Readonly<Record<Language, Say>> = {
  'zh-CN': { next: SAY_NEXT_ZH, unsent: { ...SAY_NEXT_ZH, ...SAY_UNSENT_ZH }, trouble: TROUBLE_ZH },
  en: { next: SAY_NEXT_EN, unsent: { ...SAY_NEXT_EN, ...SAY_UNSENT_EN }, trouble: TROUBLE_EN },
}
type Say = {
  readonly next: typeof SAY_NEXT_ZH
  readonly unsent: typeof SAY_NEXT_ZH
  readonly trouble: typeof TROUBLE_ZH
}

type Props = {
  readonly invite: InviteView
  readonly entries: readonly JournalEntry[]
  /** The work with the picture has begun, or nobody listens: once the camera is on there is nothing to say. */
  readonly quiet: boolean
}

/** The line that moves: sent · opened · agreed · camera on, what to say next, and why it does not go on. */
export function InviteLine({ invite, entries, quiet }: Props) {
  const { words } = useBench()
  const { state, trouble, language, delivery } = invite
  const say = SAY[language]
  const reached = reachedStep(invite, entries)
  const stuck = state === 'failed' || state === 'expired' || state === 'delivery-failed' || trouble !== undefined
  const phone = trouble && trouble !== 'delivery' ? say.trouble[trouble] : undefined
  return (
    <div
      class="invite-line"
      data-test="invite-state"
      data-state={state}
      data-trouble={trouble}
      role="status"
      hidden={quiet && state === 'camera-live' && !stuck}
    >
      {/* Arrived: the room belongs to what is read from the picture. */}
      {state === 'camera-live' && !stuck ? null : (
        <ol class="steps">
          {STEPS.map((step, index) => (
            <li
              key={step}
              class={index <= reached ? 'reached' : ''}
              aria-current={index === reached ? 'step' : undefined}
            >
              <span class="step-dot">{index <= reached ? <Icon name="check" size={12} /> : null}</span>
              {words.steps[step]}
            </li>
          ))}
        </ol>
      )}
      {stuck ? (
        <p class="stuck">
          <Icon name="warn" />
          <span>
            {words.inviteState[state]}
            {trouble ? ` · ${words.common.troubles[trouble]}` : ''}
          </span>
        </p>
      ) : null}
      <div class="say" lang={language}>
        <p class="say-label">{words.sayNext}</p>
        <p class="say-words" data-test="say-next">
          {phone ? phone.next : (delivery.channel === 'none' ? say.unsent : say.next)[state]}
        </p>
        {phone ? (
          <p class="quiet">
            {words.callerReads}：“{phone.title}”
          </p>
        ) : null}
      </div>
    </div>
  )
}
