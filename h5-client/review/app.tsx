import { useEffect, useState } from 'preact/hooks'
import type { PageLanguage } from '../shared/console/language.ts'
import type { SessionKeeper } from '../shared/console/session-keeper.ts'
import { SignInPage } from '../shared/console/sign-in-page.tsx'
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

  switch (who.kind) {
    case 'checking':
      return <p class="page-state">{words.common.checkingSession}</p>
    case 'unreachable':
      return (
        <main class="page-state">
          <div role="alert">
            <h1>{words.common.serverUnreachable}</h1>
            <p>{words.common.serverUnreachableNote}</p>
          </div>
        </main>
      )
    case 'signed-out':
      return (
        <SignInPage
          title={words.signInTitle}
          note={words.signInNote}
          words={words.common}
          expired={who.expired}
          signIn={(name, password) => session.signIn(name, password)}
          onLanguage={() => pageLanguage.toggle()}
        />
      )
    case 'signed-in':
      if (!desk) return null
      return (
        <SpeechContext.Provider value={speech}>
          <ReviewDesk
            desk={desk}
            name={who.name}
            onLanguage={() => pageLanguage.toggle()}
            onSignOut={() => void session.signOut()}
          />
        </SpeechContext.Provider>
      )
  }
}
