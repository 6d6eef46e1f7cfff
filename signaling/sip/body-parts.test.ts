import t from 'tap'
import { bodyParts } from './body-parts.ts'

const message = (type: string | undefined, body: string) => ({ body, get: () => type })

t.test('[EX10] the parts of a body are taken apart as they were put together', async t => {
  const parts = (type: string, body: string) => bodyParts(message(type, body))
  const two =
    'before\r\n--b1\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b1\r\ncontent-type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n<a/>\r\n--b1--\r\nafter'
  const wanted = [
    { type: 'application/sdp', content: 'v=0\r\n' },
    { type: 'application/rs-metadata+xml', content: '<a/>' },
  ]
  t.same(parts('multipart/mixed;boundary=b1', two), wanted, 'nothing of the delimiters stays in the last one')
  t.same(parts('multipart/mixed; boundary="b1"; charset=x', two), wanted)
  t.same(parts('application/sdp', 'v=0\r\n'), [{ type: 'application/sdp', content: 'v=0\r\n' }])
  t.same(bodyParts(message(undefined, '  ')), [])
  t.same(parts('multipart/mixed', two), [], 'without a boundary nobody knows')
})
