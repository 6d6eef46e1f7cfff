import t from 'tap'
import { readXml, XmlRefused } from './read-xml.ts'
import { hasGaps, mergeMetadata, readRecordingMetadata } from './recording-metadata.ts'

const NS = 'urn:ietf:params:xml:ns:recording:1'
const document = (inner: string, mode = 'complete') =>
  `<?xml version="1.0"?><r:recording xmlns:r='${NS}'><r:datamode>${mode}</r:datamode>${inner}</r:recording>`
const person = (id: string, aor: string) =>
  `<r:participant participant_id="${id}"><r:nameID aor="${aor}"><r:name>N &amp; ${id}&#x21;</r:name></r:nameID></r:participant>`

t.test('[EX8] the reader of metadata takes small plain documents and nothing that can grow or reach out', async t => {
  const refused = [
    '',
    '<a>',
    '<a></b>',
    '<a/><b/>',
    '<a x=1/>',
    '<a x="1" x="2"/>',
    '<a>&unknown;</a>',
    '<a>&#0;</a>',
    '<a>&amp</a>',
    '<a><![CDATA[x]]></a>',
    '<a><?run x?></a>',
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    '<p:a/>',
    `${'<a>'.repeat(20)}${'</a>'.repeat(20)}`,
    `<a>${'<b/>'.repeat(3000)}</a>`,
    `<a>${'x'.repeat(70_000)}</a>`,
    `<a ${Array.from({ length: 40 }, (_, n) => `x${n}="1"`).join(' ')}/>`,
  ]
  for (const source of refused) t.throws(() => readXml(source), XmlRefused, source.slice(0, 60))
  const read = readXml('<!-- c --><a x="&lt;&#65;"> one <!-- two --> three <b xmlns="u"/> </a>\n')
  t.equal(read.attributes.get('x'), '<A')
  t.match(read.text, /one\s+three/)
  t.match(read.children[0], { name: 'b', namespace: 'u' })
})

t.test('[EX9] participants, streams and sessions are read; partial updates add, who left goes', async t => {
  const first = readRecordingMetadata(
    document(
      `<r:session session_id="s1"><r:sipSessionID>local-1;remote=remote-1</r:sipSessionID></r:session>${person('p1', 'sip:2001@x')}${person('p2', 'tel:+86138')}<r:stream stream_id="st1" session_id="s1"><r:label>96</r:label></r:stream><r:participantstreamassoc participant_id="p1"><r:send>st1</r:send></r:participantstreamassoc>`,
    ),
  )
  t.equal(first.complete, true)
  t.match(first.metadata.sessions, [{ id: 's1', sipSessionIds: ['local-1', 'remote-1'] }])
  t.match(first.metadata.participants, [{ id: 'p1', aor: 'sip:2001@x', name: 'N & p1!' }, { id: 'p2' }])
  t.same(first.metadata.sends.get('p1'), ['st1'])
  t.equal(hasGaps(first.metadata), false)
  const gap = mergeMetadata(
    first.metadata,
    readRecordingMetadata(
      document(
        `${person('p3', 'sip:new@x')}<r:participantstreamassoc participant_id="p3"><r:send>st9</r:send></r:participantstreamassoc>`,
        'partial',
      ),
    ),
  )
  t.equal(gap.participants.length, 3, 'what was known stays')
  t.equal(hasGaps(gap), true, 'a stream that nobody described is worth a question')
  const left = readRecordingMetadata(
    document(
      `${person('p1', 'sip:2001@x')}<r:participantsessionassoc participant_id="p1" session_id="s1"><r:disassociate-time>2026-01-01T00:00:00Z</r:disassociate-time></r:participantsessionassoc>`,
    ),
  )
  t.same(left.metadata.participants, [])
  for (const wrong of ['<recording/>', document('', 'other'), document('<r:session/>')])
    t.throws(() => readRecordingMetadata(wrong), XmlRefused)
})
