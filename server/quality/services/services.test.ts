import t from 'tap'
import type { Transcript } from '../../../signaling/protocol/quality.ts'
import { simulatedServices } from '../testing/simulated-services.ts'
import { ServiceError } from './ask-service.ts'
import { LanguageModel } from './language-model.ts'
import { SpeechToText } from './speech-to-text.ts'

const QUICK = { timeoutMs: 400, attempts: 3, retryAfterMs: 10, maxAnswerBytes: 200_000 }
const open = () => new AbortController().signal
const transcript: Transcript = {
  format: 'tongping-transcript/1',
  callId: 'call_00000000000000000000' as never,
  run: 1,
  service: { state: 'answered' },
  from: [],
  segments: [
    { party: 'agent', fromMs: 1000, toMs: 3000, text: 'Good morning, the camera shows me the meter.' },
    { party: 'caller', fromMs: 4000, toMs: 6000, text: 'My card is 4111 1111 1111 1111.' },
  ],
}
const completion = (answers: unknown) => ({
  json: { model: 'sim-llm-7', choices: [{ message: { content: JSON.stringify({ answers }) } }] },
})

t.test('[QC10] speech-to-text: both forms of the answer are checked, times stay inside the call', async t => {
  const sim = await simulatedServices(t)
  const service = new SpeechToText({ url: sim.url, token: 'secret', model: 'whisper-x' }, QUICK)
  sim.on('/audio/transcriptions', () => ({
    json: {
      language: 'en',
      segments: [
        { start: 1, end: 2.5, text: ' Hello ' },
        { start: 9, end: 99, text: 'bye' },
        { start: 9, end: 9.5, text: ' ' },
      ],
    },
  }))
  const heard = await service.hear(Buffer.from('OggS…'), 'agent', 10_000, open())
  t.same(heard.segments, [
    { party: 'agent', fromMs: 1000, toMs: 2500, text: 'Hello' },
    { party: 'agent', fromMs: 9000, toMs: 10_000, text: 'bye' },
  ])
  t.equal(sim.requests[0]?.authorization, 'Bearer secret')
  t.match(sim.requests[0]?.body, /whisper-x/)
  t.match(sim.requests[0]?.body, /verbose_json/)
})

t.test('[QC11] a service that is busy is asked again, one that misbehaves is given up with a word why', async t => {
  const sim = await simulatedServices(t)
  const service = new SpeechToText({ url: sim.url, token: undefined, model: 'm' }, QUICK)
  const codeOf = async () => {
    try {
      await service.hear(Buffer.from('x'), 'caller', 1000, open())
      return 'fine'
    } catch (error) {
      return error instanceof ServiceError ? error.code : error
    }
  }
  const good = () => ({ json: { segments: [] } })
  sim.on(
    '/audio/transcriptions',
    () => ({ status: 429, retryAfter: '0' }),
    () => ({ status: 503 }),
    good,
  )
  t.equal(await codeOf(), 'fine')
  t.equal(sim.requests.length, 3)
  sim.on('/audio/transcriptions', () => ({ status: 429 }))
  t.equal(await codeOf(), 'busy')
  sim.on('/audio/transcriptions', () => ({ status: 401 }))
  t.equal(await codeOf(), 'refused')
  sim.on('/audio/transcriptions', () => ({ text: '{"segments": [' }))
  t.equal(await codeOf(), 'no-json')
  sim.on('/audio/transcriptions', () => ({ json: { segments: [{ start: 'soon', end: 1, text: '' }] } }))
  t.equal(await codeOf(), 'not-as-expected')
  sim.on('/audio/transcriptions', () => ({ endless: true }))
  t.equal(await codeOf(), 'too-long')
  sim.on('/audio/transcriptions', () => 'hang')
  t.equal(await codeOf(), 'timeout')
})

t.test('[QC12] a closing server does not wait for a service that hangs', async t => {
  const sim = await simulatedServices(t)
  sim.on('/audio/transcriptions', () => 'hang')
  const service = new SpeechToText({ url: sim.url, token: undefined, model: 'm' })
  const stop = new AbortController()
  const waiting = service.hear(Buffer.from('x'), 'caller', 1000, stop.signal)
  setTimeout(() => stop.abort(), 50)
  await t.rejects(waiting, { code: 'closed' })
})

t.test('[QC13] a model answers only with words that stand in the transcript; card numbers are not sent', async t => {
  const sim = await simulatedServices(t)
  const model = new LanguageModel({ url: sim.url, token: 't', model: 'asked-for' }, QUICK)
  sim.on('/chat/completions', () =>
    completion([
      { id: 'q0', answer: 'yes', quote: 'the camera shows me the meter' },
      { id: 'q1', answer: 'yes', quote: 'we agreed on a refund' },
      { id: 'q2', answer: 'no', quote: '' },
      { id: 'q3', answer: 'unknown', quote: '' },
    ]),
  )
  const asked = await model.ask(['a?', 'b?', 'c?', 'd?', 'e?'], transcript, open())
  t.same(asked.answers, [
    { answer: 'yes', quote: 'the camera shows me the meter', segment: 0 },
    { answer: 'unknown', why: 'quote-not-found' },
    { answer: 'unknown', why: 'quote-not-found' },
    { answer: 'unknown', why: 'model-does-not-know' },
    { answer: 'unknown', why: 'model-does-not-know' },
  ])
  t.equal(asked.modelAnswered, 'sim-llm-7')
  t.notMatch(sim.requests[0]?.body, /4111/)
  t.match(sim.requests[0]?.body, /json_schema/)
  sim.on('/chat/completions', () => ({ json: { choices: [{ message: { content: 'Sure! Here is JSON' } }] } }))
  await t.rejects(model.ask(['a?'], transcript, open()), { code: 'not-as-expected' })
})
