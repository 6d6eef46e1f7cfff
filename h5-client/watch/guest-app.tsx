import { useEffect, useState } from 'preact/hooks'
import { useStore } from '../shared/console/use-store.ts'
import { postJson } from '../shared/http.ts'
import { SignalingClient } from '../shared/socket.ts'
import type { Boot } from './boot.ts'
import { WatchDesk } from './watch-desk.ts'
import { WatchView } from './watch-view.tsx'
import { useSpeech } from './watch-words.ts'

/** An expert's way in: what is asked, one button, then the call. */
export function GuestApp({ boot, token }: { boot: Boot; token: string }) {
  const { words } = useSpeech()
  const [state, setState] = useState<'ask' | 'entering' | 'in' | 'used' | 'over'>(
    boot.state === 'ready' ? 'ask' : boot.state === 'back' ? 'in' : boot.state,
  )
  const [failed, setFailed] = useState(false)
  const enter = async () => {
    setState('entering')
    setFailed(false)
    try {
      await postJson('/api/guest/join', { token })
      setState('in')
    } catch {
      setFailed(true)
      setState('ask')
    }
  }
  switch (state) {
    case 'used':
      return <Notice title={words.usedTitle} note={words.usedNote} />
    case 'over':
      return <Notice title={words.overTitle} note={words.overNote} />
    case 'in':
      return <GuestCall boot={boot} />
    default:
      return (
        <main class="notice-page">
          <section class="sign-in-card">
            <h1>{words.guestTitle}</h1>
            <p>{words.guestAsk(boot.agentName)}</p>
            <p class="quiet">{words.guestNote}</p>
            {failed ? <p role="alert">{words.failed}</p> : null}
            <button
              type="button"
              class="button primary wide"
              data-test="guest-enter"
              disabled={state === 'entering'}
              onClick={() => void enter()}
            >
              {state === 'entering' ? words.guestEntering : words.guestEnter}
            </button>
          </section>
        </main>
      )
  }
}

function GuestCall({ boot }: { boot: Boot }) {
  const { words } = useSpeech()
  const [desk, setDesk] = useState<WatchDesk | undefined>()
  useEffect(() => {
    const opened = new WatchDesk(new SignalingClient({ url: '/ws/watch' }), boot)
    setDesk(opened)
    return () => opened.close()
  }, [boot])
  return desk ? <GuestDesk desk={desk} /> : <p class="page-state">{words.guestEntering}</p>
}

function GuestDesk({ desk }: { desk: WatchDesk }) {
  const { words } = useSpeech()
  const { watched, over, failed } = useStore(desk.state)
  const [left, setLeft] = useState(false)
  if (over === 'shown-out') return <Notice title={words.shownOutTitle} note={words.overNote} />
  if (over === 'ended' || left) return <Notice title={words.overTitle} note={words.overNote} />
  if (!watched) return <p class="page-state">{failed ? words.failed : words.guestEntering}</p>
  return (
    <WatchView
      desk={desk}
      call={watched}
      onLeave={() => {
        setLeft(true)
        desk.close()
      }}
    />
  )
}

function Notice({ title, note }: { title: string; note: string }) {
  return (
    <main class="notice-page" data-test="watch-notice">
      <section class="sign-in-card">
        <h1>{title}</h1>
        <p>{note}</p>
      </section>
    </main>
  )
}
