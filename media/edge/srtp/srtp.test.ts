import { inspect } from 'node:util'
import t from 'tap'
import { rtpPacket } from '../../../test/doubles/rtp-party.ts'
import { readCryptoLine, writeCryptoLine } from './crypto-line.ts'
import { MasterKey } from './master-key.ts'
import { guessIndex, ReplayWindow } from './packet-index.ts'
import { derive, deriveKeys } from './session-keys.ts'
import { SrtpCipher } from './srtp-cipher.ts'
import { SrtpReceiver } from './srtp-receiver.ts'
import { SrtpSender } from './srtp-sender.ts'
import type { SuiteName } from './suite.ts'

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex')
const SUITES: SuiteName[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM']
const packet = (index: number, ssrc = 5) =>
  rtpPacket({
    sequence: index & 0xffff,
    timestamp: (index * 160) >>> 0,
    ssrc,
    payload: Buffer.alloc(160, index & 0xff),
  })

t.test('[SR1] key derivation: the vectors of RFC 3711 appendix B.3', async t => {
  const key = hex('E1F97A0D3E018BE0D64FA32C06DE4139')
  const salt = hex('0EC675AD498AFEEBB6960B3AABE6')
  t.same(derive(key, salt, 0, 16), hex('C61E7A93744F39EE10734AFE3FF7A087'))
  t.same(derive(key, salt, 2, 14), hex('30CBBC08863D8C85D49DB34A9AE1'))
  t.same(
    derive(key, salt, 1, 94).subarray(0, 32),
    hex('CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE'),
  )
})

t.test('[SR2] AEAD_AES_128_GCM: the vectors of RFC 7714 sections 16.1.1 and 17.1', async t => {
  const cipher = hex('000102030405060708090a0b0c0d0e0f')
  const salt = hex('517569642070726f2071756f')
  const keys = { cipher, salt, auth: Buffer.alloc(20) }
  const gcm = new SrtpCipher('AEAD_AES_128_GCM', { rtp: keys, rtcp: keys })
  const plain = hex(
    `8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976 69736120 696e2070 61727465 73207472 6573`,
  )
  const sealed = hex(
    `8040f17b 8041f8d3 5501a0b2 f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833
     899d7f27 beb16a91 52cf765e e4390cce`,
  )
  t.same(gcm.sealRtp(plain, 12, 0xf17b), sealed)
  t.same(gcm.openRtp(sealed, 12, 0xf17b), plain)
  const report = hex(
    `81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61 deadbeef deadbeef deadbeef deadbeef deadbeef`,
  )
  const sealedReport = hex(
    `81c8000d 4d617273 63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46 86303ded 0bb9275b
     c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
  )
  t.same(gcm.sealRtcp(report, 0x5d4), sealedReport)
  t.same(gcm.openRtcp(sealedReport), { packet: report, index: 0x5d4 })
})

for (const suite of SUITES) {
  t.test(`[SR3] ${suite}: every changed bit is noticed, headers included; nothing given is written to`, async t => {
    const key = MasterKey.random(suite)
    const cipher = SrtpCipher.of(key)
    const plain = packet(7)
    const copy = Buffer.from(plain)
    const sealed = cipher.sealRtp(plain, 12, 7)
    t.same(plain, copy)
    t.notOk(sealed.includes(plain.subarray(12, 28)))
    const intact = Buffer.from(sealed)
    t.same(cipher.openRtp(sealed, 12, 7), plain)
    t.same(sealed, intact)
    for (let bit = 0; bit < sealed.length * 8; bit += 7) {
      const bent = Buffer.from(sealed)
      bent[bit >> 3]! ^= 1 << (bit & 7)
      if (cipher.openRtp(bent, 12, 7) !== undefined) t.fail(`bit ${bit}`)
    }
    t.equal(cipher.openRtp(sealed, 12, 7 + 0x1_0000), undefined, 'another round')
    t.equal(cipher.openRtp(sealed.subarray(0, 14), 12, 7), undefined)
    const report = Buffer.concat([hex('80c90001 00000005'), Buffer.alloc(24, 3)])
    const sealedReport = cipher.sealRtcp(report, 1)
    t.same(cipher.openRtcp(sealedReport), { packet: report, index: 1 })
    for (let bit = 0; bit < sealedReport.length * 8; bit += 5) {
      const bent = Buffer.from(sealedReport)
      bent[bit >> 3]! ^= 1 << (bit & 7)
      if (cipher.openRtcp(bent) !== undefined) t.fail(`bit ${bit} of the report`)
    }
    t.notSame(deriveKeys(key, 'rtp').cipher, deriveKeys(key, 'rtcp').cipher)
  })

  t.test(`[SR4] ${suite}: rollover in order, out of order, and with loss around it`, async t => {
    const key = MasterKey.random(suite)
    const sender = new SrtpSender(key)
    const receiver = new SrtpReceiver(key)
    const all = Array.from({ length: 400 }, (_, n) => sender.rtp(packet(65_400 + n)))
    const order = all.map((_, n) => n).filter(n => n % 17 !== 5)
    for (let n = 0; n + 3 < order.length; n += 7) [order[n], order[n + 3]] = [order[n + 3]!, order[n]!]
    for (const n of order) t.same(receiver.rtp(all[n]!, n * 20), packet(65_400 + n))
    t.equal(receiver.rtp(all[order[60]!]!, 9000), 'replayed')
  })
}

t.test('[SR5] a hold through which the peer counted on, by any number of rounds: voice at once', async t => {
  for (const minutes of [1, 12, 25, 60, 120]) {
    const key = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
    const cipher = SrtpCipher.of(key)
    const receiver = new SrtpReceiver(key)
    for (let n = 0; n < 50; n++) receiver.rtp(cipher.sealRtp(packet(40_000 + n), 12, 40_000 + n), n * 20)
    const after = 40_050 + minutes * 3000
    let heard = 0
    for (let n = 0; n < 50; n++) {
      const opened = receiver.rtp(cipher.sealRtp(packet(after + n), 12, after + n), minutes * 60_000 + 1000 + n * 20)
      if (Buffer.isBuffer(opened)) heard++
    }
    t.equal(heard, 50, `${minutes} min`)
  }
})

t.test('[SR6] replays and strangers: neither moves the window or becomes a source', async t => {
  const key = MasterKey.random('AES_CM_128_HMAC_SHA1_32')
  const other = MasterKey.random('AES_CM_128_HMAC_SHA1_32')
  const sender = new SrtpSender(key)
  const receiver = new SrtpReceiver(key)
  const first = sender.rtp(packet(10))
  t.ok(Buffer.isBuffer(receiver.rtp(first, 0)))
  t.equal(receiver.rtp(first, 1), 'replayed')
  const stranger = new SrtpSender(other)
  for (let n = 0; n < 100; n++) t.equal(receiver.rtp(stranger.rtp(packet(60_000 + n)), 2), 'unauthentic')
  t.ok(Buffer.isBuffer(receiver.rtp(sender.rtp(packet(11)), 3)))
  t.equal(receiver.rtp(Buffer.alloc(12, 0x80), 3), 'unauthentic')
  const report = Buffer.concat([hex('80c90001 00000005')])
  const sealed = sender.rtcp(report)
  t.same(receiver.rtcp(sealed, 4), report)
  t.equal(receiver.rtcp(sealed, 4), 'replayed')
  t.equal(receiver.rtcp(stranger.rtcp(report), 4), 'unauthentic')
})

t.test('[SR7] several sources count for themselves, each with its own rollover', async t => {
  const key = MasterKey.random('AEAD_AES_128_GCM')
  const receiver = new SrtpReceiver(key)
  const senders = Array.from({ length: 12 }, () => new SrtpSender(key))
  for (let n = 0; n < 200; n++) {
    for (const [i, sender] of senders.slice(0, 4).entries()) {
      const plain = packet(65_400 + n + i * 50, 100 + i)
      t.same(receiver.rtp(sender.rtp(plain), n), plain)
    }
  }
  for (const [i, sender] of senders.slice(4).entries()) {
    t.ok(Buffer.isBuffer(receiver.rtp(sender.rtp(packet(1, 200 + i)), 300)), 'the oldest makes room')
  }
})

t.test('[SR8] a new key: counters that go on or begin anew, packets of the old key for five seconds', async t => {
  for (const begins of ['anew', 'on'] as const) {
    const [before, after] = [MasterKey.random('AES_CM_128_HMAC_SHA1_80'), MasterKey.random('AEAD_AES_128_GCM')]
    const receiver = new SrtpReceiver(before)
    const [old, young] = [SrtpCipher.of(before), SrtpCipher.of(after)]
    // In its second round when the key changes.
    for (let n = 65_500; n < 65_600; n++) t.ok(Buffer.isBuffer(receiver.rtp(old.sealRtp(packet(n), 12, n), 0)))
    receiver.rekey(after, 1000)
    t.ok(Buffer.isBuffer(receiver.rtp(old.sealRtp(packet(65_600), 12, 65_600), 1100)), 'on its way still')
    for (let n = 65_601; n < 65_650; n++) {
      const index = begins === 'on' ? n : n - 65_536
      t.ok(Buffer.isBuffer(receiver.rtp(young.sealRtp(packet(n), 12, index), 1200)), `${begins} ${n}`)
    }
    t.equal(receiver.rtp(old.sealRtp(packet(65_700), 12, 65_700), 7000), 'unauthentic')
  }
})

t.test('[SR9] the index of a sequence number, as in RFC 3711 appendix A', async t => {
  t.equal(guessIndex(-1, 40_000), 40_000)
  t.equal(guessIndex(65_535, 0), 65_536)
  t.equal(guessIndex(65_536, 65_535), 65_535)
  t.equal(guessIndex(3, 65_535), 65_535, 'before the first round there is none')
  t.equal(guessIndex(65_536 * 5 + 40_000, 100), 65_536 * 6 + 100)
  const window = new ReplayWindow()
  for (const n of [0, 5, 3, 200, 73]) {
    t.ok(window.isNew(n))
    window.accept(n)
    t.notOk(window.isNew(n))
  }
  t.notOk(window.isNew(72), 'older than the window')
})

t.test('[SR10] a=crypto: what is understood in full is taken, all else is as if it were not there', async t => {
  const key = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
  const read = (config: string, o: { suite?: string; sessionConfig?: string; id?: number } = {}) =>
    readCryptoLine({ id: 1, suite: 'AES_CM_128_HMAC_SHA1_80', config, ...o })
  const inline = `inline:${key.toBase64()}`
  t.ok(read(inline)?.key.equals(key))
  t.ok(read(`${inline}|2^31`)?.key.equals(key))
  t.ok(read(`${inline}|1048576`, { sessionConfig: 'WSH=64' }))
  for (const config of [
    `${inline}|2^20|1:0`,
    `${inline}|2^20|256:1`,
    `${inline}|1:4|2^20`,
    `${inline}|2^20|1:4|x`,
    `${inline}|soon`,
    `${inline}|1:4;${inline}|2:4`,
    `${inline};${inline}`,
    'inline:',
    'inline:AAAA',
    inline.slice(7),
  ])
    t.equal(read(config), undefined, config.replace(key.toBase64(), '…'))
  t.equal(read(inline, { suite: 'AES_256_CM_HMAC_SHA1_80' }), undefined)
  t.equal(read(inline, { suite: 'AEAD_AES_128_GCM' }), undefined, 'a key of another length')
  t.equal(read(inline, { id: 0 }), undefined)
  t.same(read(`${inline}|2^20|1:4`)?.mki, hex('00000001'))
  t.same(read(`${inline}|66051:3`)?.mki, hex('010203'))
  t.equal(read(`${inline}|2^20|1:32`)?.mki?.length, 32)
  t.ok(read(inline, { sessionConfig: 'WSH=64 -FUTURE=1' }), 'what begins with a dash may be left out')
  for (const sessionConfig of [
    'UNENCRYPTED_SRTP',
    'UNENCRYPTED_SRTCP',
    'UNAUTHENTICATED_SRTP',
    'KDR=1',
    'FEC_KEY=inline:x',
    'WSH=64 UNENCRYPTED_SRTP',
    'FUTURE=1',
  ])
    t.equal(read(inline, { sessionConfig }), undefined, sessionConfig)
  t.equal(writeCryptoLine({ tag: 3, key }), `a=crypto:3 AES_CM_128_HMAC_SHA1_80 ${inline}`)
})

t.test('[SR11] a key does not show itself', async t => {
  const key = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
  for (const text of [JSON.stringify({ key }), inspect({ key }, { depth: 9, showHidden: true }), String(key), `${key}`])
    t.notOk(text.includes(key.toBase64().slice(0, 12)) || text.includes(key.key.toString('hex').slice(0, 12)))
})

for (const suite of SUITES) {
  t.test(
    `[SR14] ${suite}: a key identifier in their packets and reports, and one that was announced and left out`,
    async t => {
      const key = MasterKey.random(suite)
      const mki = hex('00000001')
      const receiver = new SrtpReceiver(key, mki)
      const sender = new SrtpSender(key)
      // RFC 3711 figure 1: before the tag; with GCM, whose tag is ciphertext, at the end (RFC 7714 figures 1 and 3).
      const tag = suite === 'AEAD_AES_128_GCM' ? 0 : suite === 'AES_CM_128_HMAC_SHA1_80' ? 10 : 4
      const named = (p: Buffer, tag: number) =>
        Buffer.concat([p.subarray(0, p.length - tag), mki, p.subarray(p.length - tag)])
      for (let n = 0; n < 40; n++) t.same(receiver.rtp(named(sender.rtp(packet(n)), tag), n), packet(n))
      for (let n = 40; n < 60; n++) t.same(receiver.rtp(sender.rtp(packet(n)), n), packet(n))
      const report = hex('80c90001 00000005')
      t.same(receiver.rtcp(named(sender.rtcp(report), Math.min(tag * 10, 10)), 0), report)
      t.same(receiver.rtcp(sender.rtcp(report), 0), report)
      const other = Buffer.from(named(sender.rtp(packet(60)), tag))
      other[other.length - tag - 1] = 2
      t.equal(receiver.rtp(other, 60), 'unauthentic', 'another identifier')
    },
  )
}

t.test('[SR15] a new key of ours: the counters of packets and reports go on (RFC 3711 3.3.1, 3.4)', async t => {
  const [first, second] = [MasterKey.random('AES_CM_128_HMAC_SHA1_80'), MasterKey.random('AEAD_AES_128_GCM')]
  const before = new SrtpSender(first)
  for (let n = 65_000; n < 66_000; n++) before.rtp(packet(n))
  for (let n = 0; n < 5; n++) before.rtcp(hex('80c90001 00000005'))
  const after = new SrtpSender(second, before)
  t.same(SrtpCipher.of(second).openRtp(after.rtp(packet(66_000)), 12, 66_000), packet(66_000))
  t.equal(SrtpCipher.of(second).openRtcp(after.rtcp(hex('80c90001 00000005')))?.index, 6)
})

t.test('[SR16] a peer whose sequence went round before we heard it first', async t => {
  const key = MasterKey.random('AES_CM_128_HMAC_SHA1_80')
  const cipher = SrtpCipher.of(key)
  const receiver = new SrtpReceiver(key)
  for (let n = 65_540; n < 65_600; n++) t.same(receiver.rtp(cipher.sealRtp(packet(n), 12, n), 0), packet(n))
})
