import { useEffect, useState } from 'preact/hooks'
import { SessionGate } from '../shared/console/session-gate.tsx'
import type { SessionKeeper } from '../shared/console/session-keeper.ts'
import { useStore } from '../shared/console/use-store.ts'
import { SignalingClient } from '../shared/socket.ts'
import type { Boot } from './boot.ts'
import { CallBoard } from './call-board.tsx'
import { WatchDesk } from './watch-desk.ts'
import { WatchView } from './watch-view.tsx'
import { useSpeech } from './watch-words.ts'

/** A supervisor's page: sign in, pick a call, look on. */
export function SupervisorApp(o: { boot: Boot; session: SessionKeeper; onLanguage: () => void }) {
  const { words } = useSpeech()
  const who = useStore(o.session.state)
  const [desk, setDesk] = useState<WatchDesk | undefined>()
  const signedIn = who.kind === 'signed-in'
  useEffect(() => {
    if (!signedIn) return
    const opened = new WatchDesk(new SignalingClient({ url: '/ws/watch' }), o.boot)
    setDesk(opened)
    return () => {
      setDesk(undefined)
      opened.close()
    }
  }, [signedIn, o.boot])
  return (
    <SessionGate
      session={o.session}
      words={words.common}
      title={words.signInTitle}
      note={words.signInNote}
      onLanguage={o.onLanguage}
    >
      {name => (desk ? <Board desk={desk} name={name} onSignOut={() => void o.session.signOut()} /> : null)}
    </SessionGate>
  )
}

function Board({ desk, name, onSignOut }: { desk: WatchDesk; name: string; onSignOut: () => void }) {
  const { watched, over } = useStore(desk.state)
  // The server ended the session (signed out elsewhere): the sign-in page says what to do.
  useEffect(() => {
    if (over === 'shown-out') onSignOut()
  }, [over, onSignOut])
  if (watched) return <WatchView desk={desk} call={watched} onLeave={() => void desk.leave()} />
  return <CallBoard desk={desk} name={name} onSignOut={onSignOut} />
}
