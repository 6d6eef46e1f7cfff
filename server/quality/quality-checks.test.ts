import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { answeredCall, rtpPacket } from '../../recordings/fixture.ts'
import { muLaw, replayRequest, testMuxer } from '../../recordings/mux/fixture.ts'
import { PlainCallFiles } from '../../recordings/vault/plain-call-files.ts'
import { readWav } from '../../scripts/simulated-caller/wav.ts'
import { newId } from '../../signaling/protocol/new-id.ts'
import { Events } from '../events.ts'
import { openDatabase } from '../store/database.ts'
import { QualityBook } from '../store/quality/quality-book.ts'
import { OperatorPatterns } from './operator-patterns.ts'
import { QualityChecks } from './quality-checks.ts'
import { readQualityFile } from './quality-file.ts'
import type { QualityRules } from './quality-rules.ts'
import { LanguageModel } from './services/language-model.ts'
import { SpeechToText } from './services/speech-to-text.ts'
import { simulatedServices } from './testing/simulated-services.ts'

const RATE_HZ = 8000
/** The sentence of the simulated caller: recorded speech. */
const sentence = readWav(readFileSync(new URL('../../scripts/simulated-caller/speech.wav', import.meta.url))).samples
function lineOf(seconds: number, atMs: readonly number[]): Int16Array {
  const pcm = new Int16Array(seconds * RATE_HZ)
  for (const ms of atMs) pcm.set(sentence.subarray(0, pcm.length - (ms * RATE_HZ) / 1000), (ms * RATE_HZ) / 1000)
  return pcm
}

/** Sixty seconds through the real recorder and muxer: the caller at 2 s, the agent at 6 s (over the caller) and at 45 s. */
async function checkedCall(t: Test, o: { consent?: boolean } = {}) {
  const call = await answeredCall(t)
  call.answer()
  const by = newId('part')
  const append = (event: Parameters<typeof call.archive.journal.append>[0]) => call.archive.journal.append(event)
  const voice = { codec: 'PCMU', payloadType: 0, clockRate: RATE_HZ }
  const lines = [
    { track: call.archive.openTrack({ track: 'caller-voice', ...voice }), pcm: lineOf(60, [2000]), ssrc: 1 },
    { track: call.archive.openTrack({ track: 'agent-voice', ...voice }), pcm: lineOf(60, [6000, 45_000]), ssrc: 2 },
  ]
  for (let n = 0; n < 3000; n++) {
    // A minute comes in a moment here: the recorder writes what it has before it is given more.
    if (n % 250 === 0) await setTimeout(60)
    call.clock.ms += 20
    for (const { track, pcm, ssrc } of lines) {
      const payload = Buffer.from(Array.from(pcm.subarray(n * 160, n * 160 + 160), muLaw))
      track.rtp(rtpPacket({ sequence: n, timestamp: n * 160, payload, ssrc }))
    }
    if (n === 500 && o.consent !== undefined)
      append({
        type: 'consent.given',
        consent: { kind: 'analysis', textVersion: '1', language: 'en', given: o.consent },
      })
    if (n === 1500) {
      const card = {
        kind: 'text',
        about: 'text',
        title: 'Order',
        rows: [{ label: 'Card', value: '4111 1111 1111 1111', copy: false }],
      } as const
      append({
        type: 'page.added',
        page: { id: newId('page'), by, kind: 'card', card: { ...card, rows: [...card.rows] } },
      })
    }
    if (n === 1600) append({ type: 'camera.started', by })
  }
  await call.archive.seal({ end: { cause: 'caller-hung-up' }, facts: call.facts, key: call.key })
  const files = new PlainCallFiles(call.archive.folder)
  if (o.consent === undefined) await (await testMuxer(t)).mux(replayRequest(call.archive.folder))
  // A simulated service hears nothing: any bytes do.
  else for (const party of ['caller', 'agent']) await files.put(`derived/${party}.ogg`, [Buffer.from(party)])
  const db = await openDatabase(':memory:')
  t.teardown(() => db.close())
  return { ...call, files, book: new QualityBook(db) }
}

const title = { 'zh-CN': '规则', en: 'Rule' }
const RULES: QualityRules = {
  version: 'test-1',
  services: { consent: 'given' },
  rules: [
    {
      id: 'silence',
      title,
      severity: 'minor',
      when: { event: 'silence', longerThanMs: 15_000, moreThan: 0, absent: false },
    },
    { id: 'overlap', title, severity: 'minor', when: { event: 'cross-talk', moreThan: 0, absent: false } },
    { id: 'late', title, severity: 'minor', when: { number: 'first-word.agent', above: 4000 } },
    { id: 'consent', title, severity: 'critical', when: { event: 'consent.missing', moreThan: 0, absent: false } },
    { id: 'card', title, severity: 'major', when: { text: ['card'], pattern: 'order\\s+card', absent: false } },
    {
      id: 'never-said',
      title,
      severity: 'minor',
      when: { text: ['transcript-agent'], words: ['goodbye'], absent: true },
    },
    { id: 'numbers', title, severity: 'major', when: { sensitive: ['bank-card'], absent: false } },
    { id: 'held', title, severity: 'minor', when: { event: 'hold', moreThan: 0, absent: false } },
  ],
  checklists: [
    {
      id: 'list',
      version: '1',
      title,
      items: [
        { id: 'soon', title, yesWhen: { number: 'first-word.agent', below: 10_000 }, good: 'yes', weight: 2 },
        { id: 'purpose', title, ask: 'Was the purpose said?', good: 'yes', weight: 3 },
        { id: 'kind', title, good: 'yes', weight: 5 },
      ],
    },
  ],
}

async function checksOver(
  t: Test,
  call: Awaited<ReturnType<typeof checkedCall>>,
  services: Partial<{ speechToText: SpeechToText; languageModel: LanguageModel }> = {},
) {
  const loaded = { rules: RULES, sha256: 'x', where: 'test' }
  const patterns = await OperatorPatterns.open(loaded, pino({ level: 'silent' }))
  const flags: boolean[] = []
  const checks = new QualityChecks({
    ...{ loaded, patterns, book: call.book, events: new Events(pino({ level: 'silent' })) },
    speechToText: services.speechToText,
    languageModel: services.languageModel,
    files: async () => call.files,
    verify: async () => ({ problems: [] }) as never,
    onChecked: async (_, found) => void flags.push(found),
  })
  t.teardown(async () => {
    await checks.close()
    await patterns.close()
  })
  return { checks, flags }
}

t.test(
  '[QC3] [QC4] [QC5] [QC8] [QC9] a recorded call is checked without any service',
  { timeout: 120_000 },
  async t => {
    const call = await checkedCall(t)
    const { checks, flags } = await checksOver(t, call)
    await checks.note(call.callId)
    await checks.run(call.callId)
    const { state, report, scores, configured } = await checks.of(call.callId)
    t.equal(state, 'done')
    t.ok(report)
    if (!report) return
    const found = Object.fromEntries(report.findings.map(one => [one.ruleId, one]))
    t.same(Object.keys(found).sort(), ['card', 'consent', 'late', 'numbers', 'overlap', 'silence'])
    const silence = found.silence?.evidence[0]
    // Both say 17.4 s: the agent's first ends at 23.4 s.
    t.ok(Math.abs((silence?.atMs ?? 0) - 23_400) < 700, `silence begins ${silence?.atMs}`)
    t.ok(Math.abs((silence?.toMs ?? 0) - 45_000) < 700, `silence ends ${silence?.toMs}`)
    t.equal(found.silence?.certainty, 'estimate')
    t.equal(found.consent?.certainty, 'exact')
    t.equal(
      found.overlap?.evidence.every(one => one.atMs >= 5_700 && (one.toMs ?? 0) < 19_800),
      true,
    )
    t.same(
      report.undecided.map(one => [one.ruleId, one.why]),
      [['never-said', 'no-transcript']],
    )
    t.same(
      report.sensitive.map(one => one.kind),
      ['bank-card'],
    )
    t.notMatch(JSON.stringify(report), /4111[ -]?1111/, 'the number itself stands nowhere in the report')
    t.same(
      report.checklists[0]?.items.map(one => [one.answer, one.by]),
      [
        ['yes', 'rule'],
        ['unknown', 'nobody'],
        ['unknown', 'nobody'],
      ],
    )
    t.same(scores, [{ checklistId: 'list', earned: 2, possible: 10, open: 8 }])
    t.same(configured, { speechToText: false, languageModel: false })
    t.same(report.services, { speechToText: { state: 'not-configured' }, languageModel: { state: 'not-configured' } })
    t.ok(flags.every(Boolean) && flags.length > 0)
    const user = { id: newId('user'), name: 'Rui' }
    await call.book.answer(call.callId, user, { checklistId: 'list', itemId: 'kind', answer: 'yes', note: '' })
    await call.book.answer(call.callId, user, {
      checklistId: 'list',
      itemId: 'soon',
      answer: 'no',
      note: 'only a breath',
    })
    t.same((await checks.of(call.callId)).scores, [{ checklistId: 'list', earned: 5, possible: 10, open: 3 }])
  },
)

t.test(
  '[QC10] [QC13] services are asked only with consent, and what they said is kept with who said it',
  { timeout: 120_000 },
  async t => {
    const sim = await simulatedServices(t)
    sim.on('/audio/transcriptions', () => ({
      json: { segments: [{ start: 6, end: 9, text: 'I would like to see the meter' }] },
    }))
    sim.on('/chat/completions', () => ({
      json: {
        model: 'sim-llm-7',
        choices: [
          { message: { content: JSON.stringify({ answers: [{ id: 'q0', answer: 'yes', quote: 'see the meter' }] }) } },
        ],
      },
    }))
    const services = {
      speechToText: new SpeechToText({ url: sim.url, token: undefined, model: 'sim-stt' }),
      languageModel: new LanguageModel({ url: sim.url, token: undefined, model: 'sim-llm' }),
    }
    const refused = await checkedCall(t, { consent: false })
    const without = await checksOver(t, refused, services)
    await without.checks.run(refused.callId)
    const { report: silent } = await without.checks.of(refused.callId)
    t.same(silent?.services, { speechToText: { state: 'no-consent' }, languageModel: { state: 'no-consent' } })
    t.equal(sim.requests.length, 0, 'nothing was sent')

    const agreed = await checkedCall(t, { consent: true })
    const { checks } = await checksOver(t, agreed, services)
    await checks.run(agreed.callId)
    const { report, transcript } = await checks.of(agreed.callId)
    t.equal(transcript?.segments.length, 2)
    t.equal(transcript?.from.length, 2)
    t.match(report?.services, {
      speechToText: { state: 'answered', modelAsked: 'sim-stt' },
      languageModel: {
        state: 'answered',
        modelAsked: 'sim-llm',
        modelAnswered: 'sim-llm-7',
        promptVersion: /tongping-prompt/,
      },
    })
    t.match(report?.checklists[0]?.items[1], { answer: 'yes', by: 'model', quote: 'see the meter' })
    t.ok(
      report?.findings.some(one => one.ruleId === 'never-said'),
      'with a transcript, "never said" can be known',
    )
    sim.on('/audio/transcriptions', () => ({ text: 'no json' }))
    await checks.run(agreed.callId)
    const again = await checks.of(agreed.callId)
    t.equal(again.report?.run, 2)
    t.match(again.report?.services.speechToText, { state: 'failed', failure: 'no-json' })
  },
)

t.test('[QC7] the file of the house is as expected; a bad one is refused in one line', async t => {
  const { rules } = await readQualityFile(undefined)
  t.ok(rules.rules.length > 15)
  const folder = t.testdir({
    'a.json': '{"version": "1"}',
    'b.json': JSON.stringify({
      ...RULES,
      rules: [{ id: 'x', title, severity: 'info', when: { text: ['ocr'], pattern: '(' } }],
    }),
    'slow.json': JSON.stringify({
      ...RULES,
      rules: [{ id: 'x', title, severity: 'info', when: { text: ['ocr'], pattern: '(a+)+$' } }],
    }),
  })
  await t.rejects(readQualityFile(`${folder}/a.json`), /TONGPING_QUALITY_FILE .*not as expected at/)
  await t.rejects(readQualityFile(`${folder}/b.json`), /no regular expression/)
  const slow = await readQualityFile(`${folder}/slow.json`)
  await t.rejects(OperatorPatterns.open(slow, pino({ level: 'silent' })), /too long/)
})
