import t, { type Test } from 'tap'
import { answeredCall, rtpPacket } from '../../recordings/fixture.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import type { JournalEvent } from '../../signaling/protocol/journal-entry.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import { readJournal } from '../review/read-record.ts'
import { consentTroubles } from './consent-troubles.ts'

const by = newId('part')
const consent = (kind: ConsentKind, given = true): JournalEvent => ({
  type: 'consent.given',
  consent: { kind, textVersion: '1', language: 'zh-CN', given },
})
const withdrawn = (kind: ConsentKind): JournalEvent => ({ type: 'consent.withdrawn', by, kind })
const started: JournalEvent = { type: 'camera.started', by }
const stopped: JournalEvent = { type: 'camera.stopped', by }

/** Through the real recorder and seal: events by the second, the camera filming from one second to another. */
async function troublesOf(t: Test, o: { events: Record<number, JournalEvent>; film?: readonly [number, number] }) {
  const call = await answeredCall(t)
  call.answer()
  const zeroMs = call.clock.ms
  const from = { track: 'caller-camera', codec: 'VP8', payloadType: 96, clockRate: 90_000 } as const
  let track: ReturnType<typeof call.archive.openTrack> | undefined
  for (let s = 0; s <= 30; s++) {
    call.clock.ms = zeroMs + s * 1000
    const event = o.events[s]
    if (event) call.archive.journal.append(event)
    if (!o.film || s < o.film[0] || s > o.film[1]) continue
    track ??= call.archive.openTrack(from)
    track.rtp(rtpPacket({ sequence: s, timestamp: s * 90_000, payload: Buffer.alloc(50, s) }))
  }
  const manifest = await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const { entries } = await readJournal(new PlainCallFiles(call.archive.folder))
  const seconds = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms / 1000))
  return consentTroubles(entries, manifest).map(({ event, evidence }) => [
    ...[event, evidence.about?.split(' ')[0], seconds(evidence.atMs)],
    ...(evidence.toMs === undefined ? [] : [seconds(evidence.toMs)]),
  ])
}

t.test('[QC14] a film that goes on after its consent was taken back is found, from that moment on', async t => {
  const agreed = { 1: consent('camera'), 2: started, 10: withdrawn('camera') }
  t.same(await troublesOf(t, { events: agreed, film: [2, 25] }), [['consent.ignored', 'camera', 10, 25]])
  t.same(
    await troublesOf(t, { events: { ...agreed, 11: stopped }, film: [2, 11] }),
    [],
    'what was on its way may arrive',
  )
  t.same(
    await troublesOf(t, { events: { 1: consent('recording'), 10: withdrawn('recording') }, film: [2, 25] }),
    [['consent.ignored', 'recording', 10, 25]],
    'the consent to the recording as well',
  )
  t.same(
    await troublesOf(t, { events: { ...agreed, 15: consent('camera') }, film: [2, 25] }),
    [['consent.ignored', 'camera', 10, 15]],
    'until it was given again',
  )
})

t.test('[QC14] a use without its consent is another finding than one after it was taken back', async t => {
  t.same(await troublesOf(t, { events: { 3: started } }), [['consent.missing', 'camera', 3]])
  t.same(await troublesOf(t, { events: { 1: consent('camera', false), 3: started } }), [
    ['consent.missing', 'camera', 3],
  ])
  const late = { 1: consent('camera'), 5: withdrawn('camera') }
  t.same(await troublesOf(t, { events: { ...late, 6: started } }), [])
  t.same(await troublesOf(t, { events: { ...late, 9: started } }), [['consent.ignored', 'camera', 9]])
  t.same(await troublesOf(t, { events: { ...late, 8: consent('camera'), 9: started } }), [])
})
