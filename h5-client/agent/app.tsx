import { useEffect, useState } from 'preact/hooks'
import type { PageLanguage } from '../shared/console/language.ts'
import { SessionGate } from '../shared/console/session-gate.tsx'
import type { SessionKeeper } from '../shared/console/session-keeper.ts'
import { useStore } from '../shared/console/use-store.ts'
import { SignalingClient } from '../shared/socket.ts'
import { BenchContext, wordsIn } from './bench.ts'
import { ClosedPage } from './closed-page.tsx'
import { Desk } from './desk.ts'
import type { Microphone } from './microphone.ts'
import type { PageProbe } from './page-probe.ts'
import { Workbench } from './workbench.tsx'

type Props = {
  readonly session: SessionKeeper
  readonly pageLanguage: PageLanguage
  readonly microphone: Microphone
  readonly probe: PageProbe
}

export function App({ session, pageLanguage, microphone, probe }: Props) {
  const language = useStore(pageLanguage.store)
  const who = useStore(session.state)
  const words = wordsIn(language)
  const [desk, setDesk] = useState<Desk | undefined>()
  const name = who.kind === 'signed-in' ? who.name : undefined

  useEffect(() => {
    document.title = words.title
  }, [words])
  useEffect(() => {
    if (name === undefined) return
    const opened = new Desk(new SignalingClient({ url: '/ws/agent' }), microphone)
    probe.watch(opened)
    setDesk(opened)
    const stop = opened.socket.subscribe(() => {
      const state = opened.socket.get()
      if (state.kind === 'closed' && state.reason === 'notSignedIn') session.expired()
    })
    return () => {
      stop()
      probe.watch(undefined)
      setDesk(undefined)
      opened.close()
    }
  }, [name, session, microphone, probe])

  return (
    <SessionGate
      session={session}
      words={words.common}
      title={words.signInTitle}
      note={words.signInNote}
      // Pressing the button is the gesture in which the browser asks; the device then stays warm.
      onSubmit={() => void microphone.track().catch(() => undefined)}
      onLanguage={() => pageLanguage.toggle()}
    >
      {user =>
        desk ? (
          <BenchContext.Provider value={{ desk, words, language }}>
            <DeskPage session={session} pageLanguage={pageLanguage} desk={desk} name={user} />
          </BenchContext.Provider>
        ) : null
      }
    </SessionGate>
  )
}

function DeskPage({
  session,
  pageLanguage,
  desk,
  name,
}: Pick<Props, 'session' | 'pageLanguage'> & { desk: Desk; name: string }) {
  const socket = useStore(desk.socket)
  if (socket.kind === 'closed' && socket.reason !== 'by-page' && socket.reason !== 'notSignedIn') {
    return <ClosedPage reason={socket.reason} onSignOut={() => void session.signOut()} />
  }
  return <Workbench name={name} onLanguage={() => pageLanguage.toggle()} onSignOut={() => void session.signOut()} />
}
