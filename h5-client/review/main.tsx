import { render } from 'preact'
import { PageLanguage } from '../shared/console/language.ts'
import { SessionKeeper } from '../shared/console/session-keeper.ts'
import { App } from './app.tsx'

const root = document.getElementById('page')
if (!root) throw new Error('the page has no #page')
const session = new SessionKeeper('reviewer')
void session.start()
render(<App session={session} pageLanguage={new PageLanguage()} />, root)
