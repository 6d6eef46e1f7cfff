import { useState } from 'preact/hooks'
import type { Language } from '../../signaling/protocol/call.ts'
import { Icon } from '../shared/console/icon.tsx'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { otherNumber } from '../shared/console/other-number.ts'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { InviteCard } from './invite-card.tsx'
import { InviteLine } from './invite-line.tsx'
import { isOpen, isUnspent } from './invite-steps.ts'

/** Of the words the agent reads out: `smsAgreed`, `smsRefused` in words/…/capture.ts. */
const SMS_TEXT_VERSION = 'sms-1'

const LANGUAGES: readonly Language[] = ['zh-CN', 'en']

/** The visual code: one bright button, then everything the agent needs to bring the caller to the picture. */
export function InvitePanel({ call }: { call: JoinedCall }) {
  const { desk, words, language: ownLanguage } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { invite, camera, phase } = call.view
  const from = otherNumber(call.view)
  // A caller on hold does not hear what there would be to say.
  const quiet = call.stage.pages.length > 0 || isOnHold(call.view)
  const [language, setLanguage] = useState<Language>(invite?.language ?? ownLanguage)
  const [to, setTo] = useState(from)
  const [sms, setSms] = useState<'yes' | 'no' | undefined>()
  const { scenarios } = useStore(desk.state)
  const mustAsk = scenarios.find(one => one.id === call.view.scenario.id)?.consents.sms === 'required'
  const known = call.view.consents.sms !== undefined
  const talking = phase === 'talking'
  const sending = busy.has('send-code')
  const picture = camera === 'live' || camera === 'paused' || camera === 'starting' || camera === 'interrupted'
  // The brightest thing on a live call without a picture, and quiet once a code is on its way.
  const bright = talking && !isOpen(invite) && !picture
  const again = (
    <button
      type="button"
      class={bright ? 'button primary large wide' : picture ? 'button small' : 'button wide'}
      data-test="send-code"
      disabled={!talking || sending || (mustAsk && !known && sms === undefined)}
      onClick={() => void desk.sendCode(language, to === from ? '' : to, answerOf(sms))}
    >
      <Icon name="send" />
      {sending ? words.sendingCode : invite ? words.sendNewCode : words.sendCode}
      <kbd>V</kbd>
    </button>
  )
  return (
    <article class="card invite" aria-label={words.assist}>
      <div class="row between">
        <h2>{words.assist}</h2>
        {picture ? again : <LanguageChoice language={language} onChoice={setLanguage} />}
      </div>
      {picture ? null : (
        <>
          <label class="field slim">
            <span>{words.sendTo}</span>
            <input
              data-test="send-to"
              inputMode="tel"
              autoComplete="off"
              maxLength={40}
              value={to}
              onInput={event => setTo(event.currentTarget.value)}
            />
          </label>
          <SmsConsent sms={sms} onAnswer={setSms} needed={mustAsk && !known && sms === undefined} />
          {again}
        </>
      )}
      {invite ? <InviteLine invite={invite} entries={call.entries} quiet={quiet} /> : null}
      {invite && isUnspent(invite) && !picture ? <InviteCard invite={invite} /> : null}
    </article>
  )
}

const answerOf = (sms: 'yes' | 'no' | undefined) =>
  sms === undefined ? undefined : { given: sms === 'yes', textVersion: SMS_TEXT_VERSION }

type SmsProps = {
  readonly sms: 'yes' | 'no' | undefined
  readonly onAnswer: (sms: 'yes' | 'no' | undefined) => void
  readonly needed: boolean
}

/** What the customer said on the telephone; nothing is ticked before the agent has heard it. */
function SmsConsent({ sms, onAnswer, needed }: SmsProps) {
  const { words } = useBench()
  const box = (answer: 'yes' | 'no', label: string) => (
    <label class="check">
      <input
        type="checkbox"
        data-test={`sms-${answer}`}
        checked={sms === answer}
        onChange={event => onAnswer(event.currentTarget.checked ? answer : undefined)}
      />
      {label}
    </label>
  )
  return (
    <fieldset class="sms-consent">
      {box('yes', words.capture.smsAgreed)}
      {box('no', words.capture.smsRefused)}
      {needed ? <p class="quiet">{words.capture.smsNeeded}</p> : null}
    </fieldset>
  )
}

type ChoiceProps = { readonly language: Language; readonly onChoice: (language: Language) => void }

/** The customer's language, not the page's: link, phone page and the sentences to say follow it. */
function LanguageChoice({ language, onChoice }: ChoiceProps) {
  const { words } = useBench()
  return (
    <label class="inline-field">
      <span>{words.customerLanguage}</span>
      <select value={language} onChange={event => onChoice(event.currentTarget.value as Language)}>
        {LANGUAGES.map(one => (
          <option key={one} value={one}>
            {words.languages[one]}
          </option>
        ))}
      </select>
    </label>
  )
}
