import t from 'tap'
import { mergeMetadata, readRecordingMetadata } from '../../signaling/sip/siprec/recording-metadata.ts'
import { LineSpeakers } from './line-speakers.ts'

const NS = 'urn:ietf:params:xml:ns:recording:1'
type Said = { people?: Record<string, string>; sends?: Record<string, string[]>; gone?: string[]; partial?: boolean }

/** Streams are named as their labels. */
function described({ people = {}, sends = {}, gone = [], partial = false }: Said) {
  const labels = [...new Set(Object.values(sends).flat())]
  return readRecordingMetadata(
    `<recording xmlns='${NS}'><datamode>${partial ? 'partial' : 'complete'}</datamode>${[
      ...Object.entries(people).map(
        ([id, aor]) => `<participant participant_id="${id}"><nameID aor="${aor}"/></participant>`,
      ),
      ...labels.map(label => `<stream stream_id="${label}" session_id="s"><label>${label}</label></stream>`),
      ...Object.entries(sends).map(
        ([id, to]) =>
          `<participantstreamassoc participant_id="${id}">${to.map(one => `<send>${one}</send>`).join('')}</participantstreamassoc>`,
      ),
      ...gone.map(
        id =>
          `<participantsessionassoc participant_id="${id}" session_id="s"><disassociate-time>2026-01-01T00:00:00Z</disassociate-time></participantsessionassoc>`,
      ),
    ].join('')}</recording>`,
  )
}

const lin = { id: 'user_1', name: 'Lin' } as never
const agentOf = (aor: string) => (/sip:20/.test(aor) ? lin : undefined)
const LINES = new Map([
  [0, '1'],
  [1, '2'],
])
const people = { a: 'sip:2001@x', c: 'tel:+1' }
const sends = { a: ['1'], c: ['2'] }
const begun = (said: Said = { people, sends }, lines = LINES) => {
  const speakers = new LineSpeakers(described(said).metadata, agentOf)
  return { speakers, first: speakers.look(lines) }
}

t.test('[EX16] who speaks as described from the beginning is no change, nor is the same said again', async t => {
  const { speakers, first } = begun()
  t.equal(first, undefined)
  t.same([speakers.directionOf('1', 0), speakers.directionOf('2', 1)], ['out', 'in'])
  speakers.described(described({ people, sends }).metadata)
  t.equal(speakers.look(LINES), undefined)
  speakers.described(
    described({ people: { c2: 'tel:+1', a2: 'sip:2001@x' }, sends: { a2: ['1'], c2: ['2'] } }).metadata,
  )
  t.equal(speakers.look(LINES), undefined, 'new ids for the same people')
})

t.test('[EX16] people who change lines stay in their tracks', async t => {
  const { speakers } = begun()
  speakers.described(described({ people, sends: { a: ['2'], c: ['1'] } }).metadata)
  t.same(speakers.look(LINES), {
    lines: [
      { label: '1', track: 'caller-voice', speaker: 'caller' },
      { label: '2', track: 'agent-voice', speaker: 'agent' },
    ],
    changed: [],
  })
  t.equal(speakers.directionOf('1', 0), 'in')
})

t.test(
  '[EX16] somebody else in a line: the track stays the line’s, unless it is an agent of ours; it is told',
  async t => {
    const { speakers } = begun()
    const before = speakers.metadata
    const update = described({ people: { x: 'tel:+9' }, sends: { x: ['2'] }, gone: ['c'], partial: true })
    speakers.described(mergeMetadata(before, update))
    t.same(speakers.look(LINES), {
      lines: [
        { label: '1', track: 'agent-voice', speaker: 'agent' },
        { label: '2', track: 'caller-voice', speaker: 'other' },
      ],
      changed: ['caller-voice'],
    })
    speakers.described(described({ people: { c: 'tel:+1', b: 'sip:2002@x' }, sends: { b: ['1'], c: ['2'] } }).metadata)
    t.match(speakers.look(LINES), {
      lines: [
        { track: 'agent-voice', speaker: 'other' },
        { track: 'caller-voice', speaker: 'caller' },
      ],
      changed: ['caller-voice', 'agent-voice'],
    })
  },
)

t.test(
  '[EX16] two people in one track are told from the beginning; a line nobody is named for is somebody unknown',
  async t => {
    const mixed = begun({ people, sends: { a: ['1'], c: ['1'] } }, new Map([[0, '1']]))
    t.same(mixed.first, {
      lines: [{ label: '1', track: 'caller-voice', speaker: 'caller' }],
      changed: ['caller-voice'],
    })
    const { speakers } = begun()
    speakers.described(described({ people, sends: { a: [], c: ['2'] } }).metadata)
    t.match(speakers.look(LINES), {
      lines: [{ track: 'agent-voice', speaker: 'unknown' }, {}],
      changed: ['agent-voice'],
    })
    const third = begun()
    third.speakers.described(described({ people: { ...people, x: 'tel:+9' }, sends: { ...sends, x: ['3'] } }).metadata)
    t.equal(third.speakers.look(LINES), undefined, 'who has no line yet changes nothing')
    t.same(third.speakers.look(new Map([...LINES, [2, '3']]))?.changed, ['caller-voice'])
  },
)

t.test('[EX15] who was not there at first takes the place that nobody has', async t => {
  const { speakers } = begun({ people: { a: 'sip:2001@x' }, sends: { a: ['1'] } }, new Map([[0, '1']]))
  speakers.described(described({ people, sends }).metadata)
  t.same(speakers.look(LINES), {
    lines: [
      { label: '1', track: 'agent-voice', speaker: 'agent' },
      { label: '2', track: 'caller-voice', speaker: 'caller' },
    ],
    changed: [],
  })
  const unknown = begun({ people: { c: 'tel:+1' }, sends: { c: ['1'] } }, new Map([[0, '1']]))
  unknown.speakers.described(
    described({ people: { c: 'tel:+1', z: 'tel:+2' }, sends: { c: ['1'], z: ['2'] } }).metadata,
  )
  t.match(unknown.speakers.look(LINES)?.lines, [{ speaker: 'caller' }, { track: 'agent-voice', speaker: 'agent' }])
})

t.test('[EX16] without associations the order of the lines counts', async t => {
  const { speakers, first } = begun({ people: { c: 'tel:+1', a: 'sip:2001@x' } })
  t.equal(first, undefined)
  t.same([speakers.directionOf('', 0), speakers.directionOf('', 1)], ['in', 'out'])
})
