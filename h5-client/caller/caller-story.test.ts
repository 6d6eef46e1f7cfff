import t from 'tap'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { EMPTY_STORY, foldStory } from './caller-story.ts'

const entry = (seq: number, event: object) => ({ seq, atMs: seq, prev: '', ...event }) as unknown as JournalEntry

t.test(
  '[PG11] an entry that is told twice counts once; who is there, what is kept and the end come from entries',
  async t => {
    const page = { kind: 'camera', id: 'page_1', picture: { widthPx: 4, heightPx: 3 } }
    const entries = [
      entry(0, { type: 'page.added', page }),
      entry(1, { type: 'stage.page', pageId: 'page_1' }),
      entry(2, { type: 'agent.away' }),
    ]
    const once = entries.reduce(foldStory, EMPTY_STORY)
    t.strictSame(entries.reduce(foldStory, once), once)
    t.match(once, { agentHere: false, ended: 'no', recording: undefined, stage: { showing: 'page_1' } })
    const later = [
      entry(5, { type: 'agent.back' }),
      entry(7, { type: 'consent.given', consent: { kind: 'recording', given: false } }),
      entry(9, { type: 'call.ended', end: { cause: 'agent-hung-up' } }),
    ].reduce(foldStory, once)
    const handedOver = foldStory(once, entry(9, { type: 'call.ended', end: { cause: 'transferred' } }))
    t.equal(handedOver.ended, 'transferred', 'the call goes on elsewhere, which the page says')
    t.match(later, { agentHere: true, recording: false, ended: 'over', lastSeq: 9 })
  },
)
