import t from 'tap'
import type { CallView } from '../../signaling/protocol/call.ts'
import type { JournalEntry } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { AgentSession } from '../../signaling/protocol/sessions.ts'
import { type DeskState, EMPTY_DESK, elapsedMs, foldDesk, liveCall, ownCall, ringingCalls } from './desk-state.ts'
import { simulatedTransport } from './harness/simulated-media.ts'

const AGENT = { id: newId('user'), name: 'Lin' }
const PART = newId('part')
const SNAP = newId('page')

function view(change: Partial<CallView> = {}): CallView {
  return {
    callId: newId('call'),
    from: '13800138000',
    to: '4008001234',
    direction: 'in',
    phase: 'ringing',
    rangAt: '2026-11-14T06:32:07.000Z',
    voice: 'here',
    agentVoice: 'none',
    heldByCaller: false,
    callerVoice: true,
    camera: 'none',
    recording: 'off',
    scenario: { id: 'repair', title: { 'zh-CN': '报修指导', en: 'Repair' } },
    tools: ['draw'],
    consents: {},
    rung: 'live',
    holdStill: false,
    onlookers: [],
    ...change,
  }
}

function session(call: CallView, entries: JournalEntry[] = []): AgentSession {
  return {
    call,
    participantId: PART,
    entries,
    voiceCodec: 'PCMA',
    send: simulatedTransport('s'),
    receive: simulatedTransport('r'),
  }
}

const at = (seq: number) => ({ seq, atMs: seq * 100, prev: '0'.repeat(64) })
const taken: JournalEntry = {
  ...at(1),
  type: 'page.added',
  page: {
    kind: 'camera',
    id: SNAP,
    by: PART,
    picture: {
      widthPx: 640,
      heightPx: 480,
      file: 'pictures/1.webp',
      sha256: '0',
      type: 'image/webp',
      source: 'server-key-frame',
      rtpTimestamp: 1,
    },
  },
}
const shown: JournalEntry = { ...at(2), type: 'stage.page', by: PART, pageId: SNAP }

function entered(calls: CallView[], from: DeskState = EMPTY_DESK): DeskState {
  return foldDesk(from, {
    type: 'entered',
    agent: AGENT,
    sipAddress: 'sip:1@2',
    scenarios: [],
    linkDomains: [],
    mayDial: false,
    calls,
    atMs: 0,
  })
}
function joined(call: CallView, entries: JournalEntry[] = []): DeskState {
  return foldDesk(entered([call]), { type: 'joined', session: session(call, entries), atMs: 1_000 })
}
const talking = (change: Partial<CallView> = {}) =>
  view({ phase: 'talking', agent: AGENT, elapsedMs: 5_000, ...change })

t.test('[AG1] the longest ringing call is first, whatever order the server lists them in', async t => {
  const later = view({ rangAt: '2026-11-14T06:32:09.000Z' })
  const earlier = view({ rangAt: '2026-11-14T06:32:01.000Z' })
  const state = entered([later, talking(), earlier])
  t.same(
    ringingCalls(state).map(call => call.callId),
    [earlier.callId, later.callId],
  )
})

t.test('[AG2] after a reload the own talking call is found, another agent’s is not', async t => {
  const mine = talking()
  const theirs = view({ phase: 'talking', agent: { id: newId('user'), name: 'Chen' } })
  t.equal(ownCall(entered([theirs, mine]))?.callId, mine.callId)
  t.equal(ownCall(entered([theirs])), undefined)
})

t.test('[AG3] entries that come twice are folded once', async t => {
  const call = talking()
  const first = joined(call, [taken, shown])
  const again = foldDesk(first, { type: 'entries', callId: call.callId, entries: [taken, shown] })
  t.equal(again, first, 'the very same state')
  t.equal(again.joined?.stage.pages.length, 1)
  t.equal(again.joined?.stage.showing, SNAP)
})

t.test('[AG3] entries of another call are not taken', async t => {
  const first = joined(talking())
  t.equal(foldDesk(first, { type: 'entries', callId: newId('call'), entries: [taken] }), first)
})

t.test('[AG4] a call that the server no longer lists has ended, and stays readable', async t => {
  const call = talking()
  const gone = entered([], joined(call, [taken, shown]))
  t.equal(gone.joined?.view.phase, 'ended')
  t.equal(liveCall(gone), undefined)
  t.equal(gone.joined?.stage.pages.length, 1, 'its pages are still there')
  const told = foldDesk(gone, {
    type: 'changed',
    call: { ...call, phase: 'ended', end: { cause: 'caller-hung-up' } },
    atMs: 1,
  })
  t.match(told.joined?.view.end, { cause: 'caller-hung-up' }, 'the reason may come later')
  t.equal(foldDesk(told, { type: 'dismissed' }).joined, undefined)
})

t.test('[AG4] a live call cannot be dismissed', async t => {
  const live = joined(talking())
  t.equal(foldDesk(live, { type: 'dismissed' }), live)
})

t.test('[AG5] an answer that did not come about gives the call back: it rings for everybody', async t => {
  const call = view({ phase: 'answering', agent: AGENT })
  const state = joined(call)
  t.ok(liveCall(state))
  const back = foldDesk(state, { type: 'calls', calls: [{ ...call, phase: 'ringing' }], atMs: 2 })
  t.equal(back.joined, undefined)
  t.equal(ringingCalls(back).length, 1)
})

t.test('[AG6] the timer counts on from the last view by the page’s own clock', async t => {
  const call = liveCall(joined(talking({ elapsedMs: 5_000 })))
  if (!call) throw new Error('no call')
  t.equal(elapsedMs(call, 4_500), 8_500)
  t.equal(elapsedMs(call, 0), 5_000, 'never backwards')
})
