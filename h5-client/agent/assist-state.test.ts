import t from 'tap'
import type { JournalEntry, JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { type AssistState, EMPTY_ASSIST, foldAssist, mainTrouble } from './assist-state.ts'

const by = newId('part')
const PAGE = newId('page')

function fold(events: readonly JournalEvent[], from: AssistState = EMPTY_ASSIST): AssistState {
  return events
    .map((event, seq) => ({ ...event, seq, atMs: seq * 100, prev: '' }) as JournalEntry)
    .reduce(foldAssist, from)
}
const read = (text: string): JournalEvent => ({
  type: 'text.recognised',
  by,
  result: { pageId: PAGE, text, confidence: 90, lines: [] },
})
const noticed = (notice: Extract<JournalEvent, { type: 'camera.noticed' }>['notice']): JournalEvent => ({
  type: 'camera.noticed',
  by,
  notice,
})

t.test('[WB1] every reading of a page is kept; a correction belongs to the reading it names', async t => {
  const { texts } = fold([read('SN l'), read('SN 1'), { type: 'text.corrected', by, reading: 0, text: 'SN 1' }])
  t.same(
    texts.map(one => [one.seq, one.result.text, one.corrected]),
    [
      [0, 'SN l', 'SN 1'],
      [1, 'SN 1', undefined],
    ],
  )
})

t.test('[WB2] a failure stands until the same page is read', async t => {
  const failed = fold([{ type: 'text.failed', by, pageId: PAGE, reason: 'busy' }])
  t.equal(failed.textFailure?.pageId, PAGE)
  t.equal(fold([read('x')], failed).textFailure, undefined)
  const other = { pageId: newId('page'), text: '', confidence: 0, lines: [] }
  t.equal(fold([{ type: 'text.recognised', by, result: other }], failed).textFailure?.pageId, PAGE)
})

t.test('[WB3] codes, documents with their verdict and faces are kept in order', async t => {
  const document = { pageId: PAGE, kind: 'mrz' as const, fields: [], checksPassed: true, masked: false }
  const state = fold([
    { type: 'codes.found', by, result: { at: { rtpTimestamp: 5 }, codes: [] } },
    { type: 'document.read', by, result: document },
    { type: 'document.judged', by, reading: 1, verdict: 'differs' },
    { type: 'document.judged', by, reading: 1, verdict: 'matches' },
    {
      type: 'face.compared',
      by,
      result: { documentPageId: PAGE, facePageId: PAGE, outcome: 'no-live-face', threshold: 0.6, model: 'm' },
    },
  ])
  t.equal(state.codes.length, 1)
  t.equal(state.documents[0]?.verdict, 'matches', 'the last word counts')
  t.equal(state.faces[0]?.result.outcome, 'no-live-face')
})

t.test('[WB4] a page in the background explains every other trouble; what is over is not shown', async t => {
  const bad = fold([noticed('camera-muted'), noticed('page-hidden'), noticed('network-changed')])
  t.equal(mainTrouble(bad.trouble, 0), 'page-hidden')
  const back = fold([noticed('page-visible')], bad)
  t.equal(mainTrouble(back.trouble, 0), 'camera-muted')
  t.equal(mainTrouble(fold([noticed('camera-unmuted')], back).trouble, 0), 'network-changed')
  t.equal(mainTrouble(fold([{ type: 'camera.live', by }], back).trouble, 0), undefined)
  const still = fold([noticed('page-hidden'), { type: 'camera.live', by }])
  t.equal(mainTrouble(still.trouble, 0), 'page-hidden', 'a picture does not bring the caller back to the page')
  t.equal(mainTrouble(fold([noticed('needs-tap'), noticed('reacquired')]).trouble, 0), undefined)
  const black = fold([noticed('camera-black'), noticed('camera-unmuted')])
  t.equal(mainTrouble(black.trouble, 20_000), 'camera-black')
  t.equal(mainTrouble(black.trouble, 40_000), undefined, 'nobody tells when the finger leaves the lens')
  t.equal(
    mainTrouble(fold([noticed('needs-tap')]).trouble, 40_000),
    'needs-tap',
    'but a tap is awaited as long as it takes',
  )
})

t.test('[WB5] torch and zoom follow what the phone did, not what it was asked', async t => {
  const state = fold([
    { type: 'camera.controlled', by, control: { kind: 'torch', on: true }, outcome: 'failed' },
    { type: 'camera.controlled', by, control: { kind: 'zoom', ratio: 2.5 }, outcome: 'done' },
  ])
  t.equal(state.torch, false)
  t.equal(state.zoomRatio, 2.5)
  t.equal(state.controlled?.outcome, 'done')
  const lit = fold([{ type: 'camera.torch', by, on: true }], state)
  t.equal(lit.torch, true, 'the caller’s own switch counts too')
  const switched = fold([{ type: 'camera.switched', by, facing: 'user' }], lit)
  t.same([switched.torch, switched.zoomRatio], [false, undefined])
})

t.test('[WB6] a consent is pending from the question to the answer', async t => {
  const asked = fold([{ type: 'consent.asked', by, kind: 'document' }])
  t.ok(asked.consentsPending.has('document'))
  const consent = { kind: 'document' as const, textVersion: '1', language: 'en' as const, given: false }
  t.equal(fold([{ type: 'consent.given', consent }], asked).consentsPending.size, 0)
})

t.test('[WB7] a rung is held while the last change was the agent’s', async t => {
  const rung = (because: 'agent' | 'measured'): JournalEvent => ({
    type: 'picture.rung',
    by,
    rung: 'slow-scan',
    because,
    network: {},
  })
  t.equal(fold([rung('agent')]).heldRung, 'slow-scan')
  t.equal(fold([rung('agent'), rung('measured')]).heldRung, undefined)
})

t.test('[WB8] entries that tell nothing here leave the state the same object', async t => {
  t.equal(
    fold([
      { type: 'stage.live', by },
      { type: 'camera.live', by },
    ]),
    EMPTY_ASSIST,
  )
})
