import t from 'tap'
import { digestAnswer, isStale } from './digest-answer.ts'

const mufasa = { username: 'Mufasa', password: 'Circle of Life' }
/** RFC 7616 section 3.9.1. */
const book = {
  method: 'GET',
  uri: '/dir/index.html',
  credentials: mufasa,
  cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
}
const challenge = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
const sha256 = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'
const md5 = '8ca523f5e9506fed4657c9700eebdbec'

t.test('[OC24] the answers of RFC 7616 section 3.9.1, MD5 and SHA-256; of several the first', async t => {
  t.match(digestAnswer({ ...book, challenges: challenge('SHA-256') }), `response="${sha256}"`)
  t.match(digestAnswer({ ...book, challenges: challenge('MD5') }), `response="${md5}"`)
  const both = `${challenge('SHA-256')},${challenge('MD5')}`
  t.match(digestAnswer({ ...book, challenges: both }), /algorithm=SHA-256, qop=auth, nc=00000001, .*opaque="FQhe/)
  const unknown = `Basic realm="x", ${challenge('SHA-3')}, ${challenge('MD5')}`
  t.match(digestAnswer({ ...book, challenges: unknown }), `response="${md5}"`)
})

t.test('[OC24] without qop or algorithm; what cannot be answered is not; text is quoted', async t => {
  const old = 'digest  realm="a, b=\\"c\\"" ,nonce=abc,stale=TRUE'
  const answer = digestAnswer({ ...book, challenges: old })
  t.match(answer, /realm="a, b=\\"c\\"", nonce="abc".*algorithm=MD5$/)
  t.notMatch(answer, 'cnonce')
  t.equal(isStale(old), true)
  t.equal(isStale(challenge('MD5')), false)
  for (const challenges of ['', 'Basic realm="x"', 'Digest realm="x"', 'Digest realm="x", nonce="1", qop="auth-int"'])
    t.equal(digestAnswer({ ...book, challenges }), undefined, challenges)
  t.match(
    digestAnswer({ ...book, challenges: 'Digest realm="x", nonce="1", algorithm=MD5-sess, qop="auth"' }),
    'MD5-sess',
  )
})
