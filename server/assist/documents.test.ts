import t from 'tap'
import type { ConsentKind } from '../../signaling/protocol/scenario.ts'
import { InnerServer } from '../../test/harness/app.ts'
import { SimulatedCall } from '../../test/harness/simulated-call.ts'
import { drawSpecimen } from '../../test/harness/specimen-documents.ts'

t.setTimeout(120_000)

const specimen = await drawSpecimen('cn-id-front', 1)
const server = await InnerServer.start()
const call = await SimulatedCall.start(server, specimen.png)
t.teardown(async () => {
  call.close()
  await server.close()
})
const { callId } = call
const { signaling } = call.agent
const { pageId } = await signaling.request('stage.freeze', { callId })
const kind = 'cn-id-front'
const agree = async (what: ConsentKind, given = true) => {
  const consent = { kind: what, textVersion: 'test-1', language: 'zh-CN' as const, given }
  await call.phone.signaling.request('consent.answer', { consent })
}
const readSeq = () => call.told('document.read').then(entry => entry.seq)

t.test('[DOC31] reading a document needs the tool and the caller’s consent', async t => {
  await signaling.request('scenario.choose', { callId, scenario: 'repair' })
  await t.rejects(signaling.request('document.read', { callId, pageId, kind }), /forbidden/, 'no such tool')
  await signaling.request('scenario.choose', { callId, scenario: 'identity' })
  await t.rejects(signaling.request('document.read', { callId, pageId, kind }), /forbidden/, 'not agreed')
  await agree('document', false)
  await t.rejects(signaling.request('document.read', { callId, pageId, kind }), /forbidden/, 'refused')
  t.notOk(
    call.entries.some(entry => entry.type === 'document.read'),
    'nothing was read',
  )
})

t.test(
  '[DOC31] the agent sees the fields, the journal keeps what the policy lets it, the phone is told nothing',
  async t => {
    await agree('document')
    const reading = await signaling.request('document.read', { callId, pageId, kind })
    const { number = '' } = specimen.truth
    t.match(
      reading.fields.find(field => field.name === 'number'),
      { value: number, check: 'passed' },
    )
    const { result } = await call.told('document.read')
    t.match(result, { masked: true, checksPassed: true })
    t.notMatch(JSON.stringify(result), number)
    t.match(result.fields.find(field => field.name === 'number')?.value, /^\d{3}\*{13}[\dX]{2}$/)
    t.notOk(call.phoneEntries.some(entry => entry.type.startsWith('document.')))
  },
)

t.test('[DOC32] a verdict belongs to a reading of this call', async t => {
  const reading = await readSeq()
  await signaling.request('document.judge', { callId, reading, verdict: 'matches' })
  t.match(await call.told('document.judged'), { reading, verdict: 'matches' })
  await t.rejects(signaling.request('document.judge', { callId, reading: 1, verdict: 'differs' }), /not-found/)
})

t.test('[DOC33] comparing faces needs its own consent; the drawn portrait has no face', async t => {
  const pages = { documentPageId: pageId, facePageId: pageId }
  await t.rejects(signaling.request('face.compare', { callId, ...pages }), /forbidden/)
  await agree('face')
  const compared = await signaling.request('face.compare', { callId, ...pages })
  t.match(compared, { outcome: 'no-face-on-document', threshold: 0.6, ...pages })
  t.equal(compared.score, undefined)
  t.match(await call.told('face.compared'), { result: compared })
})
