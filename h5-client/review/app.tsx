import { useEffect, useState } from 'preact/hooks'
import type { PageLanguage } from '../shared/console/language.ts'
import { SessionGate } from '../shared/console/session-gate.tsx'
import type { SessionKeeper } from '../shared/console/session-keeper.ts'
import { useStore } from '../shared/console/use-store.ts'
import { DeskOfRecords } from './desk-of-records.ts'
import { ReviewDesk } from './review-desk.tsx'
import { SpeechContext, speechIn } from './review-words.ts'

type Props = { readonly session: SessionKeeper; readonly pageLanguage: PageLanguage }

export function App({ session, pageLanguage }: Props) {
  const language = useStore(pageLanguage.store)
  const who = useStore(session.state)
  const speech = speechIn(language)
  const { words } = speech
  const [desk, setDesk] = useState<DeskOfRecords | undefined>()
  const signedIn = who.kind === 'signed-in'

  useEffect(() => {
    document.title = words.title
  }, [words])
  useEffect(() => {
    if (!signedIn) return
    const opened = new DeskOfRecords(() => session.expired())
    setDesk(opened)
    opened.again()
    return () => {
      setDesk(undefined)
      opened.close()
    }
  }, [signedIn, session])

  return (
    <SessionGate
      session={session}
      words={words.common}
      title={words.signInTitle}
      note={words.signInNote}
      onLanguage={() => pageLanguage.toggle()}
    >
      {(name, rights, userId) =>
        desk ? (
          <SpeechContext.Provider value={speech}>
            <ReviewDesk
              desk={desk}
              name={name}
              rights={rights}
              userId={userId}
              onLanguage={() => pageLanguage.toggle()}
              onSignOut={() => void session.signOut()}
            />
          </SpeechContext.Provider>
        ) : null
      }
    </SessionGate>
  )
}
