import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseNameAddr } from './name-addr.ts'
import { parseLooseMessage, parseSipMessage } from './sip-parser.ts'
import { answerSdp } from './testing/raw-peer.ts'
import { SrfRig, settled } from './testing/srf-rig.ts'
import { tortureInvalid } from './testing/torture-invalid.ts'
import type { TortureMessage } from './testing/torture-message.ts'
import { tortureSemantics } from './testing/torture-semantics.ts'
import { tortureValid } from './testing/torture-valid.ts'
import { completeTopVia } from './via.ts'

const messages: readonly TortureMessage[] = [...tortureValid, ...tortureInvalid, ...tortureSemantics]

/** A server whose application takes what it is given and answers 200. */
async function tortureRig(t: Test) {
  const rig = await SrfRig.create()
  t.teardown(() => rig.close())
  const srf = await rig.srf()
  const heard: { method: string; body: string }[] = []
  const take = (req: { method: string; body: string }, res: { send(status: number): void }): void => {
    heard.push({ method: req.method, body: req.body })
    res.send(req.method === 'INVITE' ? 486 : 200)
  }
  srf.invite(take)
  srf.options(take)
  srf.register(take)
  srf.message(take)
  await settled()
  return { rig, heard }
}

t.test('[SIP96] the 49 messages of RFC 4475: the right answer or none, and the server lives', async t => {
  t.equal(messages.length, 49)
  t.equal(new Set(messages.map(one => one.section)).size, 49)
  const { rig, heard } = await tortureRig(t)
  for (const { section, name, bytes, outcome } of messages) {
    const peer = await rig.peer()
    const before = heard.length
    peer.sendRaw(bytes)
    peer.request('OPTIONS', { callId: `after-${name}` })
    await peer.next(one => one.callId === `after-${name}`, 2000, `answer after ${section} ${name}`)
    const answers = (): string[] =>
      peer.startLines.filter(line => line !== 'SIP/2.0 100 Trying').map(line => line.slice(8, 11))
    const wanted = outcome === 'silence' ? 1 : 2
    for (let turn = 0; turn < 100 && answers().length < wanted; turn++) await new Promise(r => setTimeout(r, 5))
    if (outcome === 'silence') t.same(answers(), ['200'], `${section} ${name}`)
    else if (outcome === 'application') t.match(answers()[0], /200|486/, `${section} ${name}`)
    else t.same(answers(), [String(outcome), '200'], `${section} ${name}`)
    t.equal(peer.waiting.filter(one => one.kind === 'request').length, 0)
    t.equal(heard.length - before, outcome === 'application' ? 2 : 1, `${name}: what the application heard`)
  }
  t.equal(rig.server.stats().dialogs, 0)
})

/** Asks until there is an answer: datagrams are lost where thousands are sent at once. */
async function stillAnswers(rig: SrfRig): Promise<boolean> {
  const peer = await rig.peer()
  for (let turn = 0; turn < 50; turn++) {
    peer.request('OPTIONS')
    if ((await peer.count(() => true, 100)) > 0) return true
  }
  return false
}

t.test('[SIP97] twenty thousand mutilated messages: no exception', async t => {
  const { rig } = await tortureRig(t)
  const peer = await rig.peer()
  const seeds = messages.map(({ bytes }) => bytes)
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(seeds[round % seeds.length] ?? '')
    for (let change = 0; change < 1 + (round % 8); change++) bytes[randomInt(bytes.length)] = randomInt(256)
    const cut = bytes.subarray(0, randomInt(1, bytes.length + 1))
    parseLooseMessage(cut)
    const result = parseSipMessage(cut)
    if (result.message?.kind === 'request') completeTopVia(result.message, '192.0.2.1', 5060)
    if (result.ok) {
      parseNameAddr(result.message.get('contact') ?? '')
      parseSipMessage(result.message.toBuffer())
    }
    if (round % 100 === 0) peer.sendRaw(cut)
  }
  t.ok(await stillAnswers(rig))
})

const token = fc.stringMatching(/^[A-Za-z0-9._~%-]{1,12}$/)
const noise = fc.string({ unit: 'binary', maxLength: 30 })
const value = fc.oneof(
  token,
  noise,
  fc.constantFrom(
    '',
    '*',
    ';;',
    '<',
    '"',
    '<sip:a@b',
    ',',
    '\t',
    '\\',
    '-1',
    '4294967296',
    'z9hG4bK',
    '%00',
    ';tag=',
    ';lr',
  ),
)
const header = fc.record({
  name: fc.constantFrom(
    ...['Via', 'v', 'From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Route', 'Record-Route', 'Max-Forwards', 'Expires'],
    ...[
      'Session-Expires',
      'Min-SE',
      'RAck',
      'RSeq',
      'Require',
      'Supported',
      'Content-Length',
      'Content-Type',
      'Replaces',
    ],
  ),
  value,
})
const change = fc.record({
  method: fc.constantFrom(
    'INVITE',
    'OPTIONS',
    'REGISTER',
    'CANCEL',
    'ACK',
    'BYE',
    'PRACK',
    'UPDATE',
    'REFER',
    'SUBSCRIBE',
    'NOTIFY',
    'X',
  ),
  uri: fc.oneof(fc.constant('sip:bob@127.0.0.1'), value),
  headers: fc.array(header, { maxLength: 5 }),
  replaced: fc.boolean(),
  body: fc.oneof(fc.constant(''), fc.constant(answerSdp), noise),
})

t.test('[SIP99] valid messages with changed parts: never an exception, and nothing is left of them', async t => {
  const errors: string[] = []
  const logger = {
    debug: () => {},
    info: () => {},
    warn: () => {},
    error: (fields: object, message: string) => errors.push(`${message} ${JSON.stringify(fields)}`),
  }
  const timers = { t1Ms: 4, t2Ms: 8, t4Ms: 8, appAnswerMs: 100 }
  const rig = await SrfRig.create({ logger, timers })
  t.teardown(() => rig.close())
  const peer = await rig.peer()
  let count = 0
  const seed = Number(process.env.FUZZ_SEED ?? randomInt(2 ** 31))
  t.comment(`seed ${seed}`)
  fc.assert(
    fc.property(change, ({ method, uri, headers, replaced, body }) => {
      count++
      const names = new Set(replaced ? headers.map(one => one.name.toLowerCase()) : [])
      const plain = [
        peer.via(),
        'From: <sip:a@b>;tag=1',
        'To: <sip:b@c>',
        `Call-ID: f${count}`,
        `CSeq: 1 ${method}`,
        'Contact: <sip:a@127.0.0.1>',
        `Content-Length: ${Buffer.byteLength(body)}`,
      ].filter(line => !names.has(line.slice(0, line.indexOf(':')).toLowerCase()))
      const lines = [`${method} ${uri} SIP/2.0`, ...plain, ...headers.map(one => `${one.name}: ${one.value}`)]
      const bytes = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
      parseSipMessage(bytes)
      peer.sendRaw(bytes)
    }),
    { numRuns: 2000, seed },
  )
  t.ok(await stillAnswers(rig))
  for (let turn = 0; turn < 100 && rig.server.stats().transactions > 0; turn++)
    await new Promise(r => setTimeout(r, 50))
  t.same(errors, [])
  t.match(rig.server.stats(), { transactions: 0, dialogs: 0 })
})
