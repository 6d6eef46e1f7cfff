import QRCode from 'qrcode'
import sharp from 'sharp'
import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { InnerServer } from '../../test/harness/app.ts'
import { SimulatedCall } from '../../test/harness/simulated-call.ts'
import { boxOf } from './reading.ts'

t.setTimeout(120_000)

const label = `<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480"><rect width="640" height="480" fill="#fff"/>
<text x="30" y="90" font-family="DejaVu Sans" font-size="40">S/N: TP2026X0815</text></svg>`
const qr = await QRCode.toBuffer('SN: QR7788990', { scale: 6 })
const camera = await sharp(Buffer.from(label))
  .composite([{ input: qr, left: 200, top: 180 }])
  .png()
  .toBuffer()
const server = await InnerServer.start()
const call = await SimulatedCall.start(server, camera)
t.teardown(async () => {
  call.close()
  await server.close()
})
const { callId } = call
const { signaling } = call.agent
const { pageId } = await signaling.request('stage.freeze', { callId })

t.test('[PIC60] codes of a page are read by the server; what the patterns find goes with them', async t => {
  const result = await signaling.request('codes.read', { callId, pageId })
  t.match(result, {
    at: { pageId },
    codes: [{ format: 'qr', text: 'SN: QR7788990' }],
    findings: [{ recogniser: 'serial-number', value: 'QR7788990' }],
  })
  const box = result.findings?.[0]?.box
  t.ok(box && box.x > 0.3 && box.x < 0.45 && box.y > 0.35 && box.y < 0.55, 'where the code stands')
  t.match(await call.told('codes.found'), { result: { codes: [{ text: 'SN: QR7788990' }] } })
  const region = { x: 0, y: 0, width: 1, height: 0.3 }
  t.match(await signaling.request('codes.read', { callId, pageId, region }), { codes: [], region })
  await t.rejects(signaling.request('codes.read', { callId, pageId: newId('page') }), /not-found/)
})

t.test('[PIC61] codes the agent’s browser saw are journalled with the frame they were seen in', async t => {
  const corners: [number, number][] = [
    [0.1, 0.1],
    [0.2, 0.1],
    [0.2, 0.2],
    [0.1, 0.2],
  ]
  const codes = [{ format: 'code-128' as const, text: 'S/N ABC123456', corners }]
  const result = await signaling.request('codes.seen', { callId, rtpTimestamp: 4711, codes })
  t.match(result, { at: { rtpTimestamp: 4711 }, findings: [{ value: 'ABC123456' }] })
  t.match(await call.told('codes.found', entry => 'rtpTimestamp' in entry.result.at), { result: { codes } })
  t.notOk(
    call.phoneEntries.some(entry => entry.type === 'codes.found'),
    'the phone is not told',
  )
})

t.test('[PIC62] text is read, what the patterns find in it goes with it, and the agent may correct it', async t => {
  const result = await signaling.request('text.read', { callId, pageId, region: { x: 0, y: 0, width: 1, height: 0.3 } })
  t.match(result.text, /TP2026X0815/)
  t.match(result.findings, [{ recogniser: 'serial-number', value: 'TP2026X0815' }])
  const { seq } = await call.told('text.recognised')
  await signaling.request('text.correct', { callId, reading: seq, text: 'S/N: TP2026X0816' })
  t.match(await call.told('text.corrected'), { reading: seq, text: 'S/N: TP2026X0816' })
  await t.rejects(signaling.request('text.correct', { callId, reading: seq + 1, text: 'x' }), /not-found/)
})

t.test('[PIC63] the box of a code is the upright rectangle around its corners', t => {
  const corners: [number, number][] = [
    [0.2, 0.1],
    [0.4, 0.2],
    [0.3, 0.5],
    [0.1, 0.4],
  ]
  const { x, y, width, height } = boxOf({ format: 'qr', text: '', corners })
  t.same(
    [x, y, width, height].map(value => Math.round(value * 10)),
    [1, 1, 3, 4],
  )
  t.end()
})
