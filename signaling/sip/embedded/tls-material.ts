import { readFile } from 'node:fs/promises'
import { createSecureContext, type SecureContext, type Server as TlsServer } from 'node:tls'

type CertificateFiles = {
  /** PEM: our certificate, and behind it the chain to the root where there is one. */
  readonly certFile: string
  /** PEM, without a passphrase. */
  readonly keyFile: string
}

export type TlsOptions = CertificateFiles & {
  /** PEM of the authorities that we believe; without it those that Node knows. */
  readonly caFile?: string | undefined
  /** Other certificates for the names that a peer asks for (SNI), `*.example.com` for one level. */
  readonly names?: Readonly<Record<string, CertificateFiles>>
  /** Whether a server that we connect to must prove its name. Default true. */
  readonly verifyServer?: boolean
  /** Whether a peer that connects must show a certificate of a believed authority. Default false. */
  readonly requireClientCertificate?: boolean
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** What has been read from the files; `read` again when they have been renewed. */
export class TlsMaterial {
  readonly options: TlsOptions
  #default: SecureContext | undefined
  #pem: { cert: Buffer; key: Buffer; ca: Buffer | undefined } | undefined
  readonly #named = new Map<string, SecureContext>()

  private constructor(options: TlsOptions) {
    this.options = options
  }

  /** @throws when a file cannot be read or is no certificate or key. */
  static async read(options: TlsOptions): Promise<TlsMaterial> {
    const material = new TlsMaterial(options)
    await material.renew()
    return material
  }

  /** Reads all files again; keeps the old ones when one is broken. */
  async renew(): Promise<void> {
    const { options } = this
    const ca = options.caFile === undefined ? undefined : await readFile(options.caFile)
    const own = await readPair(options)
    const context = createSecureContext({ ...own, ...this.#versions() })
    const named = new Map<string, SecureContext>()
    for (const [name, files] of Object.entries(options.names ?? {})) {
      named.set(name.toLowerCase(), createSecureContext({ ...(await readPair(files)), ...this.#versions() }))
    }
    this.#default = context
    this.#pem = { ...own, ca }
    this.#named.clear()
    for (const [name, one] of named) this.#named.set(name, one)
  }

  /** The certificate for the name that a peer asks for. */
  contextFor(serverName: string): SecureContext | undefined {
    const name = serverName.toLowerCase()
    return this.#named.get(name) ?? this.#named.get(name.replace(/^[^.]+/, '*')) ?? this.#default
  }

  /** A server that listens already takes what was read last. */
  applyTo(server: Pick<TlsServer, 'setSecureContext'>): void {
    const { cert, key, ca } = this.serverOptions
    server.setSecureContext({
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(ca !== undefined && { ca }),
    })
  }

  /** For servers: certificate by name, and whether peers must show one. */
  get serverOptions() {
    const { requireClientCertificate = false } = this.options
    return {
      cert: this.#pem?.cert,
      key: this.#pem?.key,
      ca: this.#pem?.ca,
      ...this.#versions(),
      requestCert: requireClientCertificate,
      rejectUnauthorized: requireClientCertificate,
      handshakeTimeout: 10_000,
      SNICallback: (name: string, done: (error: Error | null, context?: SecureContext) => void) =>
        done(null, this.contextFor(name)),
    }
  }

  /** For connections of ours; we show our certificate if asked. */
  get clientOptions() {
    return {
      cert: this.#pem?.cert,
      key: this.#pem?.key,
      ca: this.#pem?.ca,
      ...this.#versions(),
      rejectUnauthorized: this.options.verifyServer ?? true,
    }
  }

  #versions() {
    return { minVersion: this.options.minVersion ?? ('TLSv1.2' as const) }
  }
}

async function readPair(files: CertificateFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const [cert, key] = await Promise.all([readFile(files.certFile), readFile(files.keyFile)])
  return { cert, key }
}
