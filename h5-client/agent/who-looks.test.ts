import t from 'tap'
import type { JournalEntry, JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { EMPTY_STAGE, foldStage, type Stage } from '../../signaling/protocol/stage.ts'
import { callerLook } from './who-looks.ts'

const by = newId('part')
const ONE = newId('page')
const TWO = newId('page')
const card = (id: typeof ONE): JournalEvent => ({
  type: 'page.added',
  page: { kind: 'card', id, by, card: { kind: 'text', about: 'wifi', title: 'x', rows: [] } },
})

function stage(...events: JournalEvent[]): Stage {
  return [card(ONE), card(TWO), ...events]
    .map((event, seq) => ({ ...event, seq, atMs: 0, prev: '' }) as JournalEntry)
    .reduce(foldStage, EMPTY_STAGE)
}
const shows = (pageId: typeof ONE): JournalEvent => ({ type: 'stage.page', by, pageId })
const loaded = (pageId: typeof ONE): JournalEvent => ({ type: 'page.loaded', by, pageId })
const looks = (at: 'live' | 'away' | 'share' | typeof ONE): JournalEvent => ({ type: 'caller.looked', by, at })

t.test('[WB15] who looks at what is one of six plain answers', async t => {
  t.same(callerLook(stage(), 'none'), { kind: 'nothing' })
  t.same(callerLook(stage(), 'live'), { kind: 'same', what: 'live' }, 'a phone that has said nothing yet')
  t.same(callerLook(stage(looks('away')), 'live'), { kind: 'away' })
  t.same(callerLook(stage(shows(TWO)), 'live'), { kind: 'loading', page: 2 })
  t.same(callerLook(stage(shows(TWO), loaded(TWO), looks(TWO)), 'live'), { kind: 'same', what: 'page' })
  t.same(callerLook(stage(shows(TWO), loaded(TWO), looks('live')), 'live'), { kind: 'other', what: 'live' })
  t.same(callerLook(stage(shows(TWO), loaded(TWO), looks(ONE)), 'live'), { kind: 'other-page', page: 1 })
  t.same(callerLook(stage(looks(ONE)), 'live'), { kind: 'other-page', page: 1 }, 'the agent is back, the caller is not')
  const share: JournalEvent = { type: 'share.started', by }
  t.same(callerLook(stage(share, looks('share')), 'live'), { kind: 'same', what: 'share' })
})
