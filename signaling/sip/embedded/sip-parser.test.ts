import t from 'tap'
import { canonicalName } from './header-names.ts'
import { parseNameAddr, splitOutsideQuotes, tagOf, withTag } from './name-addr.ts'
import type { SipMessage } from './sip-message.ts'
import { maxHeaders, maxMessageBytes, type ParseFault, parseSipMessage } from './sip-parser.ts'
import { parseSipUri } from './sip-uri.ts'
import { SrfRig } from './testing/srf-rig.ts'
import { completeTopVia, parseVia } from './via.ts'

const plain = [
  'OPTIONS sip:bob@example.com SIP/2.0',
  'Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKx',
  'From: <sip:a@example.com>;tag=1',
  'To: <sip:bob@example.com>',
  'Call-ID: c1',
  'CSeq: 7 OPTIONS',
]

function parse(lines: readonly string[], body = ''): ReturnType<typeof parseSipMessage> {
  return parseSipMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`))
}

function accepted(lines: readonly string[], body = ''): SipMessage {
  const result = parse(lines, body)
  if (!result.ok) throw new Error(result.fault)
  return result.message
}

function faultOf(lines: readonly string[], body = ''): ParseFault | undefined {
  const result = parse(lines, body)
  return result.ok ? undefined : result.fault
}

t.test('[SIP90] headers keep order, spelling, repetition and folding; lookups know compact names', async t => {
  const message = accepted([...plain, 's: folded', '  over lines', 'X-One: 1', 'x-one: 2', 'k : 100rel,', '\ttimer'])
  t.equal(message.get('subject'), 'folded over lines')
  t.same(message.list('x-one'), ['1', '2'])
  t.ok(message.lists('supported', 'timer'))
  t.match(message.toBuffer().toString(), 's: folded\r\n  over lines\r\nX-One: 1\r\nx-one: 2\r\n')
  t.same(
    message.headers.slice(-4).map(header => header.name),
    ['s', 'X-One', 'x-one', 'k'],
  )
})

t.test('[SIP91] bodies are cut in bytes; short, negative and contradicting lengths are faults', async t => {
  const cut = parse([...plain, 'l: 4'], 'äöü')
  t.equal(cut.ok && cut.message.body.toString(), 'äö')
  t.equal(faultOf([...plain, 'Content-Length: 7'], 'äöü'), 'truncated-body')
  t.equal(faultOf([...plain, 'Content-Length: -1'], 'x'), 'bad-content-length')
  t.equal(faultOf([...plain, 'Content-Length: 1', 'l: 2'], 'xx'), 'bad-content-length')
  const whole = parse(plain, 'all of it')
  t.equal(whole.ok && whole.message.body.toString(), 'all of it')
})

t.test('[SIP92] limits: 64 kB and 200 headers', async t => {
  t.equal(faultOf(plain, 'x'.repeat(maxMessageBytes)), 'too-large')
  t.equal(faultOf([...plain, ...Array.from({ length: maxHeaders }, (_, n) => `X-${n}: y`)]), 'too-many-headers')
})

t.test('[SIP93] mandatory headers, CSeq and version', async t => {
  for (const index of [1, 2, 3, 4, 5])
    t.equal(faultOf(plain.toSpliced(index, 1)), 'missing-header', String(plain[index]))
  t.equal(faultOf([...plain.slice(0, 5), 'CSeq: 7 INVITE']), 'bad-cseq')
  t.equal(faultOf([...plain.slice(0, 5), 'CSeq: 4294967296 OPTIONS']), 'bad-cseq')
  t.equal(faultOf(['OPTIONS sip:b@e SIP/7.0', ...plain.slice(1)]), 'bad-version')
  t.equal(faultOf(['nonsense', ...plain.slice(1)]), 'bad-start-line')
  t.equal(faultOf([...plain, 'no colon here']), 'bad-header')
  for (const party of ['<sip:a@b', 'nobody', '"open <sip:a@b>;tag=1', '<>;tag=1', '<a@b>']) {
    t.equal(faultOf(plain.with(2, `From: ${party}`)), 'bad-party', party)
    t.equal(faultOf([...plain, `Contact: ${party}`]), 'bad-party', party)
  }
  t.equal(faultOf([plain[0] ?? '', 'Via: what', ...plain.slice(2)]), 'bad-via')
})

t.test('[SIP94] bare line feeds are understood and leave as CRLF', async t => {
  const result = parseSipMessage(Buffer.from(`${plain.join('\n')}\n\nbody`))
  if (!result.ok) throw new Error(result.fault)
  t.match(result.message.toBuffer().toString(), /\r\nCSeq: 7 OPTIONS\r\nContent-Length: 4\r\n\r\nbody$/)
})

t.test('[SIP95] name-addr, uri and Via helpers', async t => {
  t.same(splitOutsideQuotes('"a,b" <sip:x,y@h>, <sip:z>', ','), ['"a,b" <sip:x,y@h>', ' <sip:z>'])
  t.equal(parseNameAddr('"A \\"<x>\\" B" <sip:a@b;lr>;tag=7')?.uri, 'sip:a@b;lr')
  t.equal(tagOf('"tag=evil" <sip:a@b;tag=uri>;TAG=real'), 'real')
  t.equal(withTag('sip:a@b;p=1', 't'), '<sip:a@b>;p=1;tag=t')
  t.equal(withTag('<sip:a@b>;tag=old', 't'), '<sip:a@b>;tag=old')
  t.match(parseSipUri('sip:u;p=1:pw@[2001:DB8::1]:5070;transport=TCP?h=1'), {
    host: '2001:db8::1',
    port: 5070,
    user: 'u;p=1:pw',
  })
  for (const bad of ['sip:', 'tel:+1', 'sip:a@b:0', 'sip:a@b:70000', 'sip:a b@c', 'http://x'])
    t.equal(parseSipUri(bad), undefined, bad)
  t.match(parseVia('SIP / 2.0 / UDP [2001:db8::9]:5070 ; branch=z9hG4bK1;rport'), { host: '2001:db8::9', port: 5070 })
  t.same(['call-id', 'i', 'foo-bar', 'x-odd', 'X-Odd', 'www-authenticate'].map(canonicalName), [
    'Call-ID',
    'Call-ID',
    'Foo-Bar',
    'x-odd',
    'X-Odd',
    'WWW-Authenticate',
  ])
  const result = accepted([
    plain[0] ?? '',
    'v: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;rport, SIP/2.0/TCP far;branch=z9hG4bKb',
    ...plain.slice(2),
  ])
  if (result.kind !== 'request') throw new Error('must be a request')
  completeTopVia(result, '192.0.2.7', 4444)
  t.same(result.list('via'), [
    'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;rport=4444;received=192.0.2.7',
    'SIP/2.0/TCP far;branch=z9hG4bKb',
  ])
})

t.test(
  '[SIP98] malformed requests that can be answered get 400, another version 505, ACK and noise nothing',
  async t => {
    const rig = await SrfRig.create()
    t.teardown(() => rig.close())
    const peer = await rig.peer()
    const via = peer.via()
    peer.sendRaw(`${['OPTIONS sip:b@e SIP/2.0', via, ...plain.slice(2, 5), 'CSeq: 7 INVITE'].join('\r\n')}\r\n\r\n`)
    await peer.nextResponse(400)
    peer.sendRaw(`${['OPTIONS sip:b@e SIP/3.0', via, ...plain.slice(2)].join('\r\n')}\r\n\r\n`)
    await peer.nextResponse(505, 'OPTIONS')
    peer.sendRaw(`${['ACK sip:b@e SIP/2.0', via, ...plain.slice(2)].join('\r\n')}\r\n\r\n`)
    peer.sendRaw('\r\n\r\n')
    peer.sendRaw(Buffer.from([0, 0, 0, 0]))
    peer.sendRaw('hello')
    t.equal(await peer.count(() => true, 60), 0)
    t.equal(rig.server.stats().malformed, 4)
  },
)
