import type { ComponentChildren } from 'preact'
import type { Right } from '../../../signaling/protocol/rights.ts'
import type { ConsoleWords } from '../words/zh-CN/console.ts'
import type { SessionKeeper } from './session-keeper.ts'
import { SignInPage } from './sign-in-page.tsx'
import { useStore } from './use-store.ts'

type Props = {
  readonly session: SessionKeeper
  readonly words: ConsoleWords
  readonly title: string
  readonly note: string | undefined
  /** Called inside the gesture of signing in: the moment in which a browser lets a page ask for devices. */
  readonly onSubmit?: () => void
  readonly onLanguage: () => void
  readonly children: (name: string, rights: readonly Right[], userId: string | undefined) => ComponentChildren
}

/** What stands before every page of the house until somebody has signed in; then the page itself. */
export function SessionGate({ session, words, title, note, onSubmit, onLanguage, children }: Props) {
  const who = useStore(session.state)
  switch (who.kind) {
    case 'checking':
      return <p class="page-state">{words.checkingSession}</p>
    case 'unreachable':
      return (
        <main class="page-state">
          <div role="alert">
            <h1>{words.serverUnreachable}</h1>
            <p>{words.serverUnreachableNote}</p>
          </div>
        </main>
      )
    case 'signed-out':
      return (
        <SignInPage
          title={title}
          note={note}
          words={words}
          expired={who.expired}
          {...(onSubmit && { onSubmit })}
          signIn={(name, password) => session.signIn(name, password)}
          onLanguage={onLanguage}
        />
      )
    case 'signed-in':
      return <>{children(who.name, who.rights, who.id)}</>
  }
}
