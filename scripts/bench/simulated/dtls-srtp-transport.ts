import { randomBytes } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { CipherContext, DtlsClient, HashAlgorithm, NamedCurveAlgorithm, SignatureAlgorithm } from 'werift'
import * as z from 'zod'
import type { DtlsParameters, TransportParams } from '../../../signaling/protocol/media.ts'
import { within } from '../../../test/harness/until.ts'
import { bindingRequest, isBindingSuccess } from './ice-lite-client.ts'
import { SrtpGcm } from './srtp-gcm.ts'

/** `SRTP_AEAD_AES_128_GCM` (RFC 7714 section 14.2), what Chromium and mediasoup agree on. */
const PROFILE = 0x0007
const CHECK_EVERY_MS = 5000
const Candidate = z.looseObject({
  protocol: z.string(),
  ip: z.string().optional(),
  address: z.string().optional(),
  port: z.number(),
})
const Ice = z.looseObject({ usernameFragment: z.string(), password: z.string() })

type Identity = {
  readonly certPem: string
  readonly keyPem: string
  readonly signatureHash: object
  readonly dtls: DtlsParameters
}
let identity: Promise<Identity> | undefined

/** One certificate serves all simulated peers: making fifty would only delay the start. */
function ownIdentity(): Promise<Identity> {
  identity ??= (async () => {
    const made = await CipherContext.createSelfSignedCertificateWithKey(
      { signature: SignatureAlgorithm.ecdsa_3, hash: HashAlgorithm.sha256_4 },
      NamedCurveAlgorithm.secp256r1_23,
    )
    const { X509Certificate } = await import('node:crypto')
    const value = new X509Certificate(made.certPem).fingerprint256
    return { ...made, dtls: { role: 'client', fingerprints: [{ algorithm: 'sha-256', value }] } }
  })()
  return identity
}

/**
 * A WebRTC transport of a simulated peer: its own UDP socket, ICE checks towards the server, a real DTLS handshake
 * (werift), then SRTP. No SDP, no congestion control, no jitter buffer: it makes load and takes times.
 */
export class DtlsSrtpTransport {
  /** Opened packets, in order of arrival; for those SSRCs only that `opens` chooses. */
  onRtp: (rtp: Buffer) => void = () => {}
  /** Which received packets are decrypted; the others are only counted. */
  opens: (srtp: Buffer) => boolean = () => true
  readonly received = { rtp: 0, rtcp: 0, opened: 0, notAuthentic: 0 }
  readonly #socket: Socket
  readonly #params: TransportParams
  readonly #answered = Promise.withResolvers<void>()
  readonly #checks: () => void
  readonly #timer: NodeJS.Timeout
  #dtlsData: (packet: Buffer) => void = () => {}
  #out: SrtpGcm | undefined
  #in: SrtpGcm | undefined

  private constructor(socket: Socket, params: TransportParams) {
    this.#socket = socket
    this.#params = params
    const remote = Ice.parse(params.iceParameters)
    const fragment = randomBytes(4).toString('hex')
    const tieBreaker = randomBytes(8)
    this.#checks = () => socket.send(bindingRequest(remote, fragment, tieBreaker))
    this.#timer = setInterval(this.#checks, CHECK_EVERY_MS)
    socket.on('message', packet => this.#packet(packet))
    // The server may be gone already at the end of a run.
    socket.on('error', () => {})
  }

  /** `connect` tells the server our fingerprint (`media.connect`). Resolves when SRTP flows both ways. */
  static async open(
    params: TransportParams,
    connect: (dtlsParameters: DtlsParameters) => Promise<unknown>,
  ): Promise<DtlsSrtpTransport> {
    const candidate = params.iceCandidates.map(one => Candidate.parse(one)).find(one => one.protocol === 'udp')
    const address = candidate?.address ?? candidate?.ip
    if (!candidate || !address) throw new Error('the server offers no UDP candidate')
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 })
    socket.connect(candidate.port, address)
    await once(socket, 'connect')
    const transport = new DtlsSrtpTransport(socket, params)
    transport.#answered.promise.catch(() => {})
    try {
      const { dtls, ...own } = await ownIdentity()
      await connect(dtls)
      await within('ICE and DTLS', 15_000, transport.#handshake(own))
      return transport
    } catch (error) {
      transport.close()
      throw error
    }
  }

  get id(): string {
    return this.#params.id
  }

  send(rtp: Buffer): void {
    if (this.#out) this.#socket.send(this.#out.protect(rtp))
  }
  sendRtcp(rtcp: Buffer): void {
    if (this.#out) this.#socket.send(this.#out.protectRtcp(rtcp))
  }

  close(): void {
    clearInterval(this.#timer)
    this.#answered.reject(new Error('closed'))
    try {
      this.#socket.close()
    } catch {
      // Already closed.
    }
  }

  async #handshake(own: Omit<Identity, 'dtls'>): Promise<void> {
    const again = setInterval(this.#checks, 200)
    this.#checks()
    await this.#answered.promise.finally(() => clearInterval(again))
    const address = this.#socket.address()
    const wire = {
      type: 'udp',
      address,
      closed: false,
      onData: (_packet: Buffer, _from: unknown) => {},
      send: async (packet: Buffer) => this.#socket.send(packet),
      close: async () => {},
    }
    const client = new DtlsClient({
      transport: wire as unknown as ConstructorParameters<typeof DtlsClient>[0]['transport'],
      cert: own.certPem,
      key: own.keyPem,
      signatureHash: own.signatureHash as never,
      srtpProfiles: [PROFILE],
      extendedMasterSecret: true,
      certificateRequest: true,
    })
    this.#dtlsData = packet => wire.onData(packet, undefined)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    client.onConnect.once(resolve)
    client.onError.once(reject)
    client.connect().catch(reject)
    await promise
    const keys = client.extractSessionKeys(16, 12)
    this.#out = new SrtpGcm({ key: keys.localKey, salt: keys.localSalt })
    this.#in = new SrtpGcm({ key: keys.remoteKey, salt: keys.remoteSalt })
  }

  /** RFC 7983: the first byte tells STUN, DTLS and SRTP apart; RFC 5761: the second one RTCP from RTP. */
  #packet(packet: Buffer): void {
    const first = packet[0] ?? 0
    if (first < 4) {
      if (isBindingSuccess(packet)) this.#answered.resolve()
    } else if (first >= 20 && first < 64) {
      this.#dtlsData(packet)
    } else if (first >= 128 && first < 192) {
      const second = packet[1] ?? 0
      if (second >= 192 && second <= 223) this.received.rtcp += 1
      else this.#media(packet)
    }
  }

  #media(srtp: Buffer): void {
    this.received.rtp += 1
    if (!this.#in || !this.opens(srtp)) return
    try {
      const rtp = this.#in.open(srtp)
      this.received.opened += 1
      this.onRtp(rtp)
    } catch {
      this.received.notAuthentic += 1
    }
  }
}
