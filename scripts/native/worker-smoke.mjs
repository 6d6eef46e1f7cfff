// Run by Node 24: `node worker-smoke.mjs <mediasoup-worker> [--no-handshake]`. Answers 0 when the binary is fit to be cached: it starts, makes a
// router and transports, and passes a real DTLS handshake with the OpenSSL program as the other side.
// That handshake is the point: a worker built without the DtlsTransport fix starts perfectly and dies right there.
import { execFileSync, spawn } from 'node:child_process'
import { createHmac, randomBytes, X509Certificate } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

const HANDSHAKE_MS = 10_000
const LISTEN = { protocol: 'udp', ip: '127.0.0.1' }

/** An ICE connectivity check that also nominates (RFC 8445 7.2.2, RFC 8489 5): the worker answers no DTLS before one. */
export function bindingRequest({ usernameFragment, password }) {
  const attribute = (type, value) => {
    const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4)
    padded.writeUInt16BE(type, 0)
    padded.writeUInt16BE(value.length, 2)
    value.copy(padded, 4)
    return padded
  }
  const message = (attributes, lengthBytes) => {
    const header = Buffer.alloc(8)
    header.writeUInt16BE(0x0001, 0)
    header.writeUInt16BE(lengthBytes, 2)
    header.writeUInt32BE(0x2112a442, 4)
    return Buffer.concat([header, transaction, ...attributes])
  }
  const transaction = randomBytes(12)
  const attributes = [
    attribute(0x0006, Buffer.from(`${usernameFragment}:smoke`)),
    attribute(0x0024, Buffer.from([0x6e, 0x7f, 0xff, 0xff])),
    attribute(0x802a, randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]
  const size = () => attributes.reduce((sum, part) => sum + part.length, 0)
  // Both checks cover a header whose length already counts the check itself.
  const integrity = createHmac('sha1', password).update(message(attributes, size() + 24))
  attributes.push(attribute(0x0008, integrity.digest()))
  const fingerprint = Buffer.alloc(4)
  fingerprint.writeUInt32BE((crc32(message(attributes, size() + 8)) ^ 0x5354554e) >>> 0)
  attributes.push(attribute(0x8028, fingerprint))
  return message(attributes, size())
}

/** Passes datagrams between `openssl s_client`, which knows no ICE, and the transport. */
async function handshake(transport) {
  const folder = mkdtempSync(join(tmpdir(), 'tongping-smoke-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const front = createSocket('udp4')
  const back = createSocket('udp4')
  let client
  try {
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
    const files = ['-keyout', key, '-out', cert, '-subj', '/CN=smoke', '-days', '1']
    execFileSync('openssl', [...request, ...files], { stdio: 'ignore' })
    const value = new X509Certificate(readFileSync(cert)).fingerprint256
    await transport.connect({ dtlsParameters: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] } })

    front.bind(0, '127.0.0.1')
    back.bind(0, '127.0.0.1')
    await Promise.all([once(front, 'listening'), once(back, 'listening')])
    const [candidate] = transport.iceCandidates
    const toWorker = bytes => back.send(bytes, candidate.port, candidate.ip)
    let clientPort
    front.on('message', (bytes, from) => {
      clientPort = from.port
      toWorker(bytes)
    })
    back.on('message', bytes => {
      // The first byte tells DTLS from STUN (RFC 7983).
      if (bytes[0] >= 20 && bytes[0] <= 63 && clientPort !== undefined) front.send(bytes, clientPort, '127.0.0.1')
    })
    const connected = new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no DTLS handshake within ${HANDSHAKE_MS} ms`)), HANDSHAKE_MS)
      transport.on('dtlsstatechange', state => {
        if (state === 'connecting') return
        clearTimeout(timer)
        if (state === 'connected') resolve()
        else reject(new Error(`the DTLS handshake ended as ${state}`))
      })
    })
    toWorker(bindingRequest(transport.iceParameters))
    const profiles = 'SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80'
    const peer = ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${front.address().port}`, '-use_srtp', profiles]
    client = spawn('openssl', [...peer, '-cert', cert, '-key', key, '-mtu', '1200', '-quiet'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const noOpenssl = new Promise((_, reject) => client.once('error', reject))
    await Promise.race([connected, noOpenssl])
  } finally {
    client?.kill('SIGKILL')
    front.close()
    back.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @throws whatever the binary is unfit for */
async function smoke(workerBin, { withHandshake }) {
  const { createWorker } = await import('mediasoup')
  const worker = await createWorker({ logLevel: 'warn', workerBin })
  const died = new Promise((_, reject) => worker.once('died', error => reject(error)))
  died.catch(() => {})
  try {
    const router = await worker.createRouter({
      mediaCodecs: [
        { kind: 'audio', mimeType: 'audio/PCMU', preferredPayloadType: 0, clockRate: 8000 },
        { kind: 'video', mimeType: 'video/VP8', clockRate: 90000 },
      ],
    })
    await router.createDirectTransport()
    await router.createPlainTransport({ listenInfo: LISTEN })
    const transport = await router.createWebRtcTransport({ listenInfos: [LISTEN], enableUdp: true })
    if (withHandshake) await Promise.race([handshake(transport), died])
  } finally {
    worker.close()
  }
}

if (process.argv[1] === import.meta.filename) {
  try {
    await smoke(process.argv[2], { withHandshake: !process.argv.includes('--no-handshake') })
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
