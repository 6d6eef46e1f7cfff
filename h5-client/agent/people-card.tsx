import { useEffect, useState } from 'preact/hooks'
import type { Language } from '../../signaling/protocol/call.ts'
import type { RequestReply } from '../../signaling/protocol/catalogue.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { useTools } from './use-tools.ts'

/** Who else can see this call, and the way in for an expert. */
export function PeopleCard({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const tools = useTools()
  const { onlookers } = call.view
  const [open, setOpen] = useState(false)
  // The invitation has done its work when somebody came, and is stale when somebody left.
  useEffect(() => setOpen(false), [onlookers.length])
  const invites = tools.has('guest') && live
  if (onlookers.length === 0 && !invites) return null
  return (
    <article class="card people" aria-label={words.wb.people}>
      <div class="card-head">
        <h2>{words.wb.people}</h2>
        {invites ? (
          <button
            type="button"
            class="button small"
            data-test="guest"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {words.wb.inviteGuest}
            <kbd>⇧G</kbd>
          </button>
        ) : null}
      </div>
      {onlookers.length > 0 ? (
        <ul class="onlookers" data-test="onlookers">
          {onlookers.map(one => (
            <li key={one.participantId} data-role={one.role}>
              <Icon name="eye" />
              <span class="cut">
                {one.name} <span class="quiet">{words.common.roles[one.role]}</span>
              </span>
              {one.role === 'guest' ? (
                <button
                  type="button"
                  class="button small"
                  data-test="remove-guest"
                  disabled={!live || busy.has('remove-guest')}
                  onClick={() => void desk.assist.removeGuest(one.participantId)}
                >
                  {words.wb.removeGuest}
                </button>
              ) : null}
            </li>
          ))}
        </ul>
      ) : null}
      {open && invites ? <GuestInvite key={call.callId} /> : null}
    </article>
  )
}

const LANGUAGES: readonly Language[] = ['zh-CN', 'en']

/** A name, then a link and its QR for one expert of this one call. */
function GuestInvite() {
  const { desk, words, language: own } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const [name, setName] = useState('')
  const [language, setLanguage] = useState<Language>(own)
  const [made, setMade] = useState<RequestReply<'guest.invite'> | undefined>()
  const running = busy.has('invite-guest')
  const submit = (event: Event) => {
    event.preventDefault()
    const wanted = name.trim()
    if (wanted !== '') void desk.assist.inviteGuest(wanted, language).then(setMade)
  }
  if (made) return <GuestLink made={made} name={name} />
  return (
    <form class="guest-form" onSubmit={submit}>
      <label class="field slim">
        <span>{words.wb.guestName}</span>
        <input
          data-test="guest-name"
          maxLength={80}
          autoComplete="off"
          value={name}
          onInput={event => setName(event.currentTarget.value)}
        />
      </label>
      <div class="row between">
        <label class="inline-field">
          <span>{words.wb.guestLanguage}</span>
          <select value={language} onChange={event => setLanguage(event.currentTarget.value as Language)}>
            {LANGUAGES.map(one => (
              <option key={one} value={one}>
                {words.languages[one]}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" class="button small" data-test="guest-make" disabled={name.trim() === '' || running}>
          {running ? words.wb.makingLink : words.wb.makeLink}
        </button>
      </div>
    </form>
  )
}

function GuestLink({ made, name }: { made: RequestReply<'guest.invite'>; name: string }) {
  const { words, language } = useBench()
  const until = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' }).format(
    new Date(made.expiresAt),
  )
  return (
    <div class="qr-row" data-test="guest-link" data-link={made.link}>
      {/* As a picture, never as markup: whatever an SVG carries, an <img> runs no script. */}
      <img
        class="qr"
        src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(made.qrSvg)}`}
        alt={words.qrAlt}
        width="84"
        height="84"
      />
      <div class="delivery">
        <p>{words.wb.guestLinkFor(name)}</p>
        <p class="quiet">{words.validUntil(until)}</p>
        <CopyButton text={made.link} words={words.common} label={words.copyLink} />
      </div>
    </div>
  )
}
