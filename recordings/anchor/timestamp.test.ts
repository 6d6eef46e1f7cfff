import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { OpensslTsa, type TsaFlavour, type TsaManner } from '../../test/harness/openssl-tsa.ts'
import { TimestampError, type TimestampFault } from './timestamp-error.ts'
import { TsaClient } from './tsa-client.ts'
import { verifyTimestamp } from './verify-timestamp.ts'

// The authority is a real one: every response is made by `openssl ts`.
async function authority(t: { teardown(fn: () => unknown): void }, flavour: TsaFlavour = 'good') {
  const tsa = await OpensslTsa.start(flavour)
  t.teardown(() => tsa.close())
  return tsa
}
const fault = (name: TimestampFault) => ({ name: 'TimestampError', fault: name })
const data = Buffer.from('{"format":"tongping-archive/1"}')

t.test('[AN20] a stamp is had, checked, and openssl agrees', async t => {
  const tsa = await authority(t)
  const client = new TsaClient({ urls: [tsa.url], authorities: [tsa.caPem] })
  const before = Date.now()
  const { response, stamp } = await client.stamp(data)
  t.match(stamp, { by: 'Test TSA, Tongping tests', policy: '1.2.3.4.1', accuracyMs: 1500, trusted: true })
  t.ok(Math.abs(Date.parse(stamp.at) - before) < 10_000, `stamped ${stamp.at}`)
  t.match(stamp.serial, /^[0-9a-f]+$/)
  t.ok(await tsa.opensslVerifies(response, data))
  t.notOk(await tsa.opensslVerifies(response, Buffer.from('other')))
  t.strictSame(
    await verifyTimestamp({ response, data, authorities: [tsa.caPem] }),
    stamp,
    'again, from the bytes alone',
  )
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
  t.strictSame(
    await verifyTimestamp({ response, sha256: sha256(data), authorities: [tsa.caPem] }),
    stamp,
    'and from the hash of what was stamped',
  )
  await t.rejects(verifyTimestamp({ response, sha256: sha256(Buffer.from('other')) }), fault('imprint-wrong'))
  t.match(await verifyTimestamp({ response, data }), { trusted: false }, 'without an authority nobody vouches for it')
  await t.rejects(verifyTimestamp({ response, data: Buffer.from('other') }), fault('imprint-wrong'))
  await t.rejects(verifyTimestamp({ response, data, nonce: randomBytes(16) }), fault('nonce-wrong'))
  await t.rejects(verifyTimestamp({ response, data, authorities: ['no certificate'] }), fault('untrusted'))
})

t.test('[AN21] what is wrong with a response is named', async t => {
  const tsa = await authority(t)
  const client = new TsaClient({ urls: [tsa.url], authorities: [tsa.caPem], timeoutMs: 3000 })
  await client.stamp(data)
  const cases: [TsaManner, TimestampFault][] = [
    ['old-answer', 'nonce-wrong'],
    ['wrong-query', 'imprint-wrong'],
    ['flipped', 'signature-wrong'],
    ['refuses', 'refused'],
    ['broken', 'unreadable'],
    ['error-500', 'http-refused'],
    ['away', 'unreachable'],
  ]
  for (const [manner, expected] of cases) {
    tsa.manner = manner
    await t.rejects(client.stamp(data), fault(expected), manner)
  }
  client.close()
  tsa.manner = 'answers'
  await t.rejects(client.stamp(data), fault('unreachable'), 'closed')
})

t.test('[AN22] another authority, an expired one and one that may not stamp are refused', async t => {
  const [good, other] = [await authority(t), await authority(t)]
  const serves = await authority(t, 'not-for-stamping')
  const stamp = (tsa: OpensslTsa, trusted: OpensslTsa) =>
    new TsaClient({ urls: [tsa.url], authorities: [trusted.caPem] }).stamp(data)
  await t.rejects(stamp(good, other), fault('untrusted'), 'same names, another key')
  const expired = await authority(t, 'expired')
  await t.rejects(stamp(expired, expired), fault('certificate-expired'))
  // openssl does not stamp with such a certificate, so the token is signed as a plain CMS message.
  const { response } = await new TsaClient({ urls: [good.url], authorities: [good.caPem] }).stamp(data)
  const check = (signed: Uint8Array, tsa: OpensslTsa) =>
    verifyTimestamp({ response: signed, data, authorities: [tsa.caPem] })
  await t.rejects(check(await serves.signAgain(response, { cades: true }), serves), fault('certificate-wrong'))
  t.match(
    await check(await good.signAgain(response, { cades: true }), good),
    { trusted: true },
    'the same way, but may',
  )
  await t.rejects(
    check(await good.signAgain(response, { cades: false }), good),
    fault('certificate-wrong'),
    'names none',
  )
})

t.test('[AN23] the next authority is asked when one is away', async t => {
  const [first, second] = [await authority(t), await authority(t)]
  first.manner = 'away'
  const client = new TsaClient({ urls: [first.url, second.url], authorities: [first.caPem, second.caPem] })
  t.equal((await client.stamp(data)).url, second.url)
  t.equal(first.queries, 1)
})

t.test('[AN24] no flipped bit of a stored response is taken for a good one with other facts', async t => {
  const tsa = await authority(t)
  const { response, stamp } = await new TsaClient({ urls: [tsa.url], authorities: [tsa.caPem] }).stamp(data)
  let refused = 0
  for (let at = 0; at < response.length; at += 3) {
    const changed = Buffer.from(response)
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    try {
      t.strictSame(await verifyTimestamp({ response: changed, data, authorities: [tsa.caPem] }), stamp, `byte ${at}`)
    } catch (error) {
      if (!(error instanceof TimestampError)) throw error
      refused += 1
    }
  }
  t.ok(refused > response.length / 3 / 2, `${refused} refused`)
})
