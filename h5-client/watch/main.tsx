import { render } from 'preact'
import { PageLanguage } from '../shared/console/language.ts'
import { SessionKeeper } from '../shared/console/session-keeper.ts'
import { useStore } from '../shared/console/use-store.ts'
import { type Boot, readBoot } from './boot.ts'
import { GuestApp } from './guest-app.tsx'
import { SupervisorApp } from './supervisor-app.tsx'
import { SpeechContext, speechIn } from './watch-words.ts'

const root = document.getElementById('page')
if (!root) throw new Error('the page has no #page')
const boot = readBoot(document)
const pageLanguage = new PageLanguage()
const session = new SessionKeeper('supervisor')
const token = /^\/g\/([^/]+)$/.exec(location.pathname)?.[1] ?? ''

function Page({ boot }: { boot: Boot }) {
  const chosen = useStore(pageLanguage.store)
  // A guest is addressed in the language of the invitation.
  const speech = speechIn(boot.kind === 'guest' ? boot.language : chosen)
  document.title = speech.words.title
  return (
    <SpeechContext.Provider value={speech}>
      {boot.kind === 'guest' ? (
        <GuestApp boot={boot} token={token} />
      ) : (
        <SupervisorApp boot={boot} session={session} onLanguage={() => pageLanguage.toggle()} />
      )}
    </SpeechContext.Provider>
  )
}

if (boot.kind === 'supervisor') void session.start()
render(<Page boot={boot} />, root)
