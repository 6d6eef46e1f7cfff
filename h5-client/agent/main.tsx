import { render } from 'preact'
import { PageLanguage } from '../shared/console/language.ts'
import { SessionKeeper } from '../shared/console/session-keeper.ts'
import { App } from './app.tsx'
import { Microphone } from './microphone.ts'
import { PageProbe } from './page-probe.ts'

const root = document.getElementById('page')
if (!root) throw new Error('the page has no #page')
const probe = new PageProbe()
const session = new SessionKeeper('agent')
void session.start()
render(<App session={session} pageLanguage={new PageLanguage()} microphone={new Microphone()} probe={probe} />, root)
