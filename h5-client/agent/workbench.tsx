import { useStore } from '../shared/console/use-store.ts'
import { Banners } from './banners.tsx'
import { useBench } from './bench.ts'
import { CustomerColumn } from './customer-column.tsx'
import { liveCall } from './desk-state.ts'
import { FailureList } from './failure-list.tsx'
import { PushDrawer } from './push-drawer.tsx'
import { StageColumn } from './stage-column.tsx'
import { useAssistKeys } from './use-assist-keys.ts'
import { useKeys } from './use-keys.ts'
import { useRingback } from './use-ringback.ts'
import { useRinging } from './use-ringing.ts'
import { VoiceColumn } from './voice-column.tsx'
import { VoicePlayer } from './voice-player.tsx'

type Props = { readonly name: string; readonly onLanguage: () => void; readonly onSignOut: () => void }

export function Workbench({ name, onLanguage, onSignOut }: Props) {
  const { desk, words } = useBench()
  const state = useStore(desk.state)
  const { wide } = useStore(desk.look.state)
  // First: Escape lets go of a region before it puts the pen away.
  useAssistKeys(desk)
  useKeys(desk)
  useRinging()
  useRingback()
  return (
    <div class="bench">
      <header class="bench-head">
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" />
          {words.common.product}
        </p>
        <DeskStatus />
        <span class="push" />
        <span class="who">{state.agent?.name ?? name}</span>
        <button
          type="button"
          class="button plain"
          lang={words.common.switchLanguage === 'English' ? 'en' : 'zh-CN'}
          onClick={onLanguage}
        >
          {words.common.switchLanguage}
        </button>
        <button type="button" class="button plain" data-test="sign-out" onClick={onSignOut}>
          {words.common.signOut}
        </button>
      </header>
      <Banners />
      <div class={wide && liveCall(state) ? 'bench-columns wide' : 'bench-columns'}>
        <VoiceColumn />
        <StageColumn />
        <CustomerColumn />
      </div>
      <PushDrawer />
      <VoicePlayer />
      <FailureList />
    </div>
  )
}

/** The agent's own state, in a word and a dot. */
function DeskStatus() {
  const { desk, words } = useBench()
  const socket = useStore(desk.socket)
  const state = useStore(desk.state)
  const open = socket.kind === 'open' && state.agent !== undefined
  const live = liveCall(state) !== undefined
  const kind = !open ? (socket.kind === 'lost' ? 'lost' : 'connecting') : live ? 'busy' : 'open'
  const text = kind === 'lost' ? words.connection.connecting : words.connection[kind]
  return (
    <p class="desk-status" data-test="desk-status" data-state={kind} role="status">
      <span class={`dot ${kind}`} aria-hidden="true" />
      {text}
    </p>
  )
}
