import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { encryptFile } from './encrypt-file.ts'
import { MemorySource } from './memory-source.ts'
import { CHUNK_BYTES, storedLength, VaultDamage } from './vault-format.ts'
import { SyncVaultSource, VaultSource } from './vault-source.ts'

const FILE = { callId: 'call_0123456789abcdefghij', path: 'pages/page_1.webp', dataKey: randomBytes(32) }

async function encrypt(plain: Buffer, file = FILE, pieceBytes = 10_000): Promise<Buffer> {
  const pieces = function* () {
    for (let at = 0; at < plain.length; at += pieceBytes) yield plain.subarray(at, at + pieceBytes)
  }
  const parts: Buffer[] = []
  for await (const part of encryptFile(pieces(), file)) parts.push(part)
  return Buffer.concat(parts)
}
/** Everything a reader can see of the stored bytes; throws VaultDamage. */
async function decrypt(stored: Buffer, file = FILE): Promise<Buffer> {
  const source = await VaultSource.open(new MemorySource(stored), file)
  // At least the last chunk is opened, so that an empty file is authenticated too.
  return source.read(0, Math.max(1, source.bytes))
}
const lengths = fc.oneof(
  fc.constantFrom(0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES, 3 * CHUNK_BYTES - 1),
  fc.nat(4 * CHUNK_BYTES),
)

t.test('[VT1] any file of any length comes back, whole and in any range, with and without waiting', async t => {
  await fc.assert(
    fc.asyncProperty(lengths, fc.integer({ min: 1, max: 100_000 }), fc.nat(), fc.nat(), async (bytes, piece, a, b) => {
      const plain = randomBytes(bytes)
      const stored = await encrypt(plain, FILE, piece)
      const source = await VaultSource.open(new MemorySource(stored), FILE)
      const sync = new SyncVaultSource(new MemorySource(stored), FILE)
      const from = bytes === 0 ? 0 : a % bytes
      const count = b % (bytes + 10)
      const wanted = plain.subarray(from, from + count)
      return (
        source.bytes === bytes &&
        sync.bytes === bytes &&
        stored.length === storedLength(bytes, 32 + FILE.callId.length + FILE.path.length) &&
        (await source.read(0, bytes)).equals(plain) &&
        (await source.read(from, count)).equals(wanted) &&
        sync.readSync(from, count).equals(wanted)
      )
    }),
    { numRuns: 150 },
  )
  t.pass('150 files')
})

t.test('[VT2] a seek reads and decrypts one chunk', async t => {
  const stored = new MemorySource(await encrypt(randomBytes(40 * CHUNK_BYTES)))
  const source = await VaultSource.open(stored, FILE)
  const before = stored.bytesRead
  await source.read(17 * CHUNK_BYTES + 5, 1000)
  t.equal(stored.bytesRead - before, CHUNK_BYTES + 16)
  await source.read(17 * CHUNK_BYTES + 2000, 1000)
  t.equal(stored.bytesRead - before, CHUNK_BYTES + 16, 'and the next read in it none')
})

t.test('[VT3] any flipped bit, anywhere in the file, is refused', async t => {
  await fc.assert(
    fc.asyncProperty(lengths, fc.nat(), fc.nat(7), async (bytes, place, bit) => {
      const stored = await encrypt(randomBytes(bytes))
      const at = place % stored.length
      stored[at] = (stored[at] ?? 0) ^ (1 << bit)
      return refused(decrypt(stored))
    }),
    { numRuns: 300 },
  )
  t.pass('300 bits')
})

t.test('[VT4] a removed tail, a swapped or doubled chunk, another file, another call are refused', async t => {
  const head = 32 + FILE.callId.length + FILE.path.length
  const chunk = (stored: Buffer, i: number) =>
    stored.subarray(head + i * (CHUNK_BYTES + 16), head + (i + 1) * (CHUNK_BYTES + 16))
  const stored = await encrypt(randomBytes(4 * CHUNK_BYTES))
  for (const cut of [1, 16, 17, CHUNK_BYTES, CHUNK_BYTES + 16, 2 * (CHUNK_BYTES + 16), 4 * (CHUNK_BYTES + 16)])
    t.ok(await refused(decrypt(stored.subarray(0, stored.length - cut))), `${cut} bytes less`)
  const swapped = Buffer.concat([
    stored.subarray(0, head),
    chunk(stored, 1),
    chunk(stored, 0),
    stored.subarray(head + 2 * (CHUNK_BYTES + 16)),
  ])
  t.ok(await refused(decrypt(swapped)), 'two chunks in another order')
  t.ok(await refused(decrypt(Buffer.concat([stored, chunk(stored, 3)]))), 'the last chunk twice')
  t.ok(await refused(decrypt(Buffer.concat([stored, randomBytes(20)]))), 'bytes added')
  const again = await encrypt(randomBytes(4 * CHUNK_BYTES))
  const spliced = Buffer.concat([stored.subarray(0, head), chunk(again, 0), stored.subarray(head + CHUNK_BYTES + 16)])
  t.ok(await refused(decrypt(spliced)), 'a chunk of the same file, made another time')
  t.ok(await refused(decrypt(stored, { ...FILE, path: 'pages/page_2.webp' })), 'another file')
  t.ok(await refused(decrypt(stored, { ...FILE, callId: 'call_1123456789abcdefghij' })), 'another call')
  t.ok(await refused(decrypt(stored, { ...FILE, dataKey: randomBytes(32) })), 'another key')
  const renamed = Buffer.from(stored)
  renamed.write('2', 32 + FILE.callId.length + FILE.path.indexOf('1'))
  t.ok(await refused(decrypt(renamed, { ...FILE, path: 'pages/page_2.webp' })), 'another name written into the head')
})

t.test('[VT5] the same file written again shares no byte of cipher text with the first', async t => {
  const plain = randomBytes(3 * CHUNK_BYTES)
  const [one, other] = [await encrypt(plain), await encrypt(plain)]
  const head = 32 + FILE.callId.length + FILE.path.length
  t.notOk(one.subarray(16, 32).equals(other.subarray(16, 32)), 'another salt')
  for (let at = head; at < one.length; at += 1024)
    t.notOk(one.subarray(at, at + 32).equals(other.subarray(at, at + 32)))
})

async function refused(reading: Promise<unknown>): Promise<boolean> {
  return reading.then(
    () => false,
    error => error instanceof VaultDamage,
  )
}
