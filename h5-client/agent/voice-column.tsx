import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { ActiveCall } from './active-call.tsx'
import { useBench } from './bench.ts'
import { liveCall, ringingCalls } from './desk-state.ts'
import { DialForm } from './dial-form.tsx'
import { EndedCall } from './ended-call.tsx'
import { MicrophoneCard } from './microphone-card.tsx'
import { PeopleCard } from './people-card.tsx'
import { PhoneCard } from './phone-card.tsx'
import { RingingCall } from './ringing-call.tsx'
import { pageSpeaks } from './speak-by.ts'
import { SpeakByChoice } from './speak-by-choice.tsx'

/** Left: everything that is heard. */
export function VoiceColumn() {
  const { desk, words } = useBench()
  const state = useStore(desk.state)
  const ringing = ringingCalls(state)
  const live = liveCall(state)
  const phone = useStore(desk.speakBy.phone)
  const micWanted = live ? pageSpeaks(live.view) !== false : phone?.by !== 'phone'
  const ended = state.joined && !live ? state.joined : undefined
  return (
    <section class="column voice-column" aria-label={words.voiceColumn}>
      {ringing.length > 0 ? (
        <ul class="ringing" aria-live="assertive">
          {ringing.map((call, index) => (
            <RingingCall key={call.callId} call={call} first={index === 0 && !live} taken={live !== undefined} />
          ))}
        </ul>
      ) : null}
      {live ? (
        <>
          <ActiveCall call={live} />
          <PhoneCard call={live} />
          <PeopleCard key={live.callId} call={live} />
        </>
      ) : null}
      {ended ? <EndedCall call={ended} /> : null}
      {/* Not where the call's own buttons will stand: a second click there would hang up. */}
      {!live && !ended && ringing.length === 0 && state.mayDial ? <DialForm /> : null}
      {!live && !ended && ringing.length === 0 ? (
        <div class="card idle" data-test="idle">
          <span class="idle-icon">
            <Icon name="phone" size={28} />
          </span>
          <h2>{words.idleTitle}</h2>
          {state.sipAddress ? (
            <p class="quiet">
              {words.idleNote}
              <code class="address">{state.sipAddress}</code>
            </p>
          ) : null}
        </div>
      ) : null}
      <span class="push" />
      {live ? null : <SpeakByChoice />}
      {micWanted ? <MicrophoneCard /> : null}
    </section>
  )
}
