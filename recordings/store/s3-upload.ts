import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import type { S3Store } from './s3-store.ts'
import { StoreRefused } from './store-errors.ts'
import type { UploadUnderWay } from './upload-memory.ts'

/**
 * Puts an object: small ones at once, longer ones in parts. Parts that a broken upload of the same bytes has left in the
 * store are not sent again. Every body is covered by the signature's SHA-256; stores that know checksums keep it too.
 * @throws StoreUnavailable, StoreRefused
 */
export async function upload(
  store: S3Store,
  key: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ sha256: string; bytes: number }> {
  const whole = createHash('sha256')
  let bytes = 0
  let under: UploadUnderWay | undefined
  let part = 0
  let held: Buffer | undefined
  for await (const next of partsOf(pieces, store.partBytes)) {
    whole.update(next)
    bytes += next.length
    // The first part waits for a second: a file of one part needs no parts.
    if (held !== undefined) under = await sendPart(store, key, under ?? (await begin(store, key)), part++, held)
    held = next
  }
  const last = held ?? Buffer.alloc(0)
  if (under === undefined) await putWhole(store, key, last)
  else await complete(store, await sendPart(store, key, under, part++, last), part)
  return { sha256: whole.digest('hex'), bytes }
}

/** Uploads in parts that were never completed hold bytes too. */
export async function abandonUpload(store: S3Store, prefix: string): Promise<void> {
  const found = await store.ask(o =>
    store.client.send(new ListMultipartUploadsCommand({ Bucket: store.bucket, Prefix: prefix }), o),
  )
  for (const { Key, UploadId } of found.Uploads ?? []) {
    if (Key === undefined || UploadId === undefined) continue
    await store.ask(o => store.client.send(new AbortMultipartUploadCommand({ Bucket: store.bucket, Key, UploadId }), o))
    await store.memory.drop(store.bucket, Key)
  }
}

async function* partsOf(pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, partBytes: number) {
  let waiting: Uint8Array[] = []
  let bytes = 0
  for await (let piece of pieces) {
    while (bytes + piece.length >= partBytes) {
      const take = partBytes - bytes
      yield Buffer.concat([...waiting, piece.subarray(0, take)])
      piece = piece.subarray(take)
      waiting = []
      bytes = 0
    }
    if (piece.length > 0) {
      // The giver may use its buffer again.
      waiting.push(Buffer.from(piece))
      bytes += piece.length
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting)
}

const base64Sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('base64')

async function putWhole(store: S3Store, key: string, body: Buffer): Promise<void> {
  await store.ask(o =>
    store.client.send(
      new PutObjectCommand({ Bucket: store.bucket, Key: key, Body: body, ChecksumSHA256: base64Sha256(body) }),
      o,
    ),
  )
}

async function begin(store: S3Store, key: string): Promise<UploadUnderWay> {
  const known = await store.memory.load(store.bucket, key)
  if (known?.partBytes === store.partBytes) return known
  const made = await store.ask(o =>
    store.client.send(
      new CreateMultipartUploadCommand({ Bucket: store.bucket, Key: key, ChecksumAlgorithm: 'SHA256' }),
      o,
    ),
  )
  if (made.UploadId === undefined) throw new StoreRefused('NoUploadId')
  const begun = { bucket: store.bucket, key, uploadId: made.UploadId, partBytes: store.partBytes, parts: [] }
  await store.memory.save(begun)
  return begun
}

async function sendPart(
  store: S3Store,
  key: string,
  under: UploadUnderWay,
  index: number,
  body: Buffer,
): Promise<UploadUnderWay> {
  const sha256 = base64Sha256(body)
  if (under.parts[index]?.sha256 === sha256) return under
  const sent = await store
    .ask(o =>
      store.client.send(
        new UploadPartCommand({
          Bucket: store.bucket,
          Key: key,
          UploadId: under.uploadId,
          PartNumber: index + 1,
          Body: body,
          ChecksumSHA256: sha256,
        }),
        o,
      ),
    )
    .catch(forget(store, under))
  const parts = [...under.parts.slice(0, index), { sha256, etag: sent.ETag ?? '' }]
  const grown = { ...under, parts }
  await store.memory.save(grown)
  return grown
}

async function complete(store: S3Store, under: UploadUnderWay, parts: number): Promise<void> {
  const Parts = under.parts
    .slice(0, parts)
    .map(({ etag, sha256 }, index) => ({ PartNumber: index + 1, ETag: etag, ChecksumSHA256: sha256 }))
  await store
    .ask(o =>
      store.client.send(
        new CompleteMultipartUploadCommand({
          Bucket: store.bucket,
          Key: under.key,
          UploadId: under.uploadId,
          MultipartUpload: { Parts },
        }),
        o,
      ),
    )
    .catch(forget(store, under))
  await store.memory.drop(store.bucket, under.key)
}

/** The store threw the upload away (an operator's rule, or it was completed before a crash): the next try begins anew. */
function forget(store: S3Store, under: UploadUnderWay) {
  return async (error: unknown): Promise<never> => {
    if (error instanceof StoreRefused) await store.memory.drop(store.bucket, under.key)
    throw error
  }
}
