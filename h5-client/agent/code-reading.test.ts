import t from 'tap'
import { asCode, codeKey } from './code-reading.ts'

const position = {
  topLeft: { x: 320, y: 180 },
  topRight: { x: 640, y: 180 },
  bottomRight: { x: 640, y: 800 },
  bottomLeft: { x: -4, y: 360 },
}
const FRAME = { width: 1280, height: 720 }

t.test('[WB20] a decoder’s result becomes 0..1 of the frame, clockwise from the code’s own top left', async t => {
  t.same(asCode({ format: 'QRCodeModel2', text: 'TP-1', position }, FRAME), {
    format: 'qr',
    text: 'TP-1',
    corners: [
      [0.25, 0.25],
      [0.5, 0.25],
      [0.5, 1],
      [0, 0.5],
    ],
  })
  t.equal(asCode({ format: 'MaxiCode', text: 'x', position }, FRAME), undefined)
  t.equal(asCode({ format: 'QRCode', text: '', position }, FRAME), undefined)
})

t.test('[WB21] the same text in another symbology is another code', async t => {
  const code = (format: string) => asCode({ format, text: '4006381333931', position }, FRAME)
  const [a, b] = [code('EAN13'), code('Code128')]
  t.ok(a && b && codeKey(a) !== codeKey(b))
})
