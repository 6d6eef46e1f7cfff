import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fromBER } from 'asn1js'
import { ContentInfo, SignedData, TimeStampResp } from 'pkijs'

const run = promisify(execFile)

export type TsaFlavour =
  | 'good'
  /** The signer's certificate ran out years ago. */
  | 'expired'
  /** The signer's certificate is one of a web server. */
  | 'not-for-stamping'

/** How the HTTP side behaves; the stamps themselves are always made by `openssl ts`. */
export type TsaManner =
  | 'answers'
  | 'away'
  | 'wrong-query'
  | 'old-answer'
  | 'broken'
  | 'error-500'
  | 'flipped'
  | 'refuses'

/**
 * A real RFC 3161 time stamping authority on this machine: certificates made with openssl, responses by
 * `openssl ts -reply`, behind a small HTTP server.
 */
export class OpensslTsa {
  readonly url: string
  readonly caPem: string
  readonly caFile: string
  manner: TsaManner = 'answers'
  queries = 0
  readonly #folder: string
  readonly #server: Server
  #lastAnswer: Buffer | undefined
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(o: { folder: string; server: Server; caPem: string }) {
    this.#folder = o.folder
    this.#server = o.server
    this.caPem = o.caPem
    this.caFile = join(o.folder, 'ca.pem')
    this.url = `http://127.0.0.1:${(o.server.address() as AddressInfo).port}/tsa`
  }

  static async start(flavour: TsaFlavour = 'good'): Promise<OpensslTsa> {
    const folder = await mkdtemp(join(tmpdir(), 'openssl-tsa-'))
    await makeCertificates(folder, flavour)
    const server = createServer((request, response) => {
      const pieces: Buffer[] = []
      request.on('data', piece => pieces.push(piece))
      request.on('end', () => {
        void tsa.#answer(Buffer.concat(pieces)).then(
          ({ status, body }) => {
            // A test that blocks its process for seconds would else find a connection that was closed meanwhile.
            response.writeHead(status, { 'content-type': 'application/timestamp-reply', connection: 'close' })
            response.end(body)
          },
          () => response.destroy(),
        )
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const tsa = new OpensslTsa({ folder, server, caPem: await readFile(join(folder, 'ca.pem'), 'utf8') })
    return tsa
  }

  /** What `openssl ts -verify` says of a response over these bytes. */
  async opensslVerifies(response: Uint8Array, data: Uint8Array): Promise<boolean> {
    await writeFile(join(this.#folder, 'check.tsr'), response)
    await writeFile(join(this.#folder, 'check.data'), data)
    const { stdout, stderr } = await this.#openssl(
      ...['ts', '-verify', '-in', 'check.tsr', '-data', 'check.data', '-CAfile', 'ca.pem'],
    ).catch((error: { stdout: string; stderr: string }) => error)
    return /Verification: OK/.test(stdout + stderr)
  }

  /** The same TSTInfo signed by this authority's certificate as a CMS message; with `cades` it names its signer. */
  async signAgain(response: Uint8Array, o: { cades: boolean }): Promise<Uint8Array> {
    const parsed = new TimeStampResp({ schema: fromBER(new Uint8Array(response).buffer).result })
    const token = new SignedData({ schema: parsed.timeStampToken?.content })
    await writeFile(
      join(this.#folder, 'tst.der'),
      Buffer.from(token.encapContentInfo.eContent?.getValue() ?? new ArrayBuffer(0)),
    )
    await this.#openssl(
      ...['cms', '-sign', '-binary', '-nodetach', '-econtent_type', '1.2.840.113549.1.9.16.1.4', '-in', 'tst.der'],
      ...['-signer', 'tsa.pem', '-inkey', 'tsa.key', '-md', 'sha256', '-outform', 'DER', '-out', 'again.der'],
      ...(o.cades ? ['-cades'] : []),
    )
    const again = await readFile(join(this.#folder, 'again.der'))
    parsed.timeStampToken = new ContentInfo({ schema: fromBER(new Uint8Array(again).buffer).result })
    return new Uint8Array(parsed.toSchema().toBER())
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
    await rm(this.#folder, { recursive: true, force: true })
  }

  #openssl(...args: string[]) {
    return run('openssl', args, { cwd: this.#folder })
  }

  /** One after the other: openssl counts serial numbers in a file. */
  #answer(query: Buffer): Promise<{ status: number; body: Buffer }> {
    const answer = this.#turn.then(() => this.#reply(query))
    this.#turn = answer.catch(() => undefined)
    return answer
  }

  async #reply(query: Buffer): Promise<{ status: number; body: Buffer }> {
    this.queries += 1
    if (this.manner === 'away') throw new Error('away')
    if (this.manner === 'error-500') return { status: 500, body: Buffer.from('out of order') }
    if (this.manner === 'broken') return { status: 200, body: Buffer.from('<html>not a time stamp</html>') }
    if (this.manner === 'old-answer' && this.#lastAnswer) return { status: 200, body: this.#lastAnswer }
    if (this.manner === 'wrong-query') {
      await writeFile(join(this.#folder, 'other.data'), 'other bytes')
      await this.#openssl(...['ts', '-query', '-data', 'other.data', '-sha256', '-cert', '-out', 'query.tsq'])
    } else if (this.manner === 'refuses') {
      // An algorithm this authority does not take: openssl answers with status 2, badAlg.
      await writeFile(join(this.#folder, 'other.data'), 'other bytes')
      await this.#openssl(...['ts', '-query', '-data', 'other.data', '-sha1', '-cert', '-out', 'query.tsq'])
    } else await writeFile(join(this.#folder, 'query.tsq'), query)
    await this.#openssl(
      ...['ts', '-reply', '-config', 'tsa.cnf', '-queryfile', 'query.tsq', '-out', 'answer.tsr'],
    ).catch(() => undefined)
    const body = await readFile(join(this.#folder, 'answer.tsr'))
    this.#lastAnswer = body
    if (this.manner !== 'flipped') return { status: 200, body }
    const flipped = Buffer.from(body)
    // The signature is the last thing in the response.
    flipped[flipped.length - 20] = (flipped[flipped.length - 20] ?? 0) ^ 1
    return { status: 200, body: flipped }
  }
}

async function makeCertificates(folder: string, flavour: TsaFlavour): Promise<void> {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder })
  await writeFile(
    join(folder, 'tsa.cnf'),
    `[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
certs = ca.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[ca]
default_ca = made
[made]
database = index.txt
new_certs_dir = .
serial = ca.serial
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
organizationName = optional
[stamps]
basicConstraints = CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[serves]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
[roots]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[req]
distinguished_name = dn
[dn]
`,
  )
  await Promise.all(
    [
      ['index.txt', ''],
      ['serial', '01\n'],
      ['ca.serial', '01\n'],
    ].map(([name, text]) => writeFile(join(folder, name ?? ''), text ?? '')),
  )
  const key = ['-newkey', 'rsa:2048', '-nodes', '-config', 'tsa.cnf']
  const root = ['-subj', '/CN=Test Root/O=Tongping tests', '-days', '7300', '-set_serial', '1', '-extensions', 'roots']
  await openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', ...root)
  await openssl('req', ...key, '-keyout', 'tsa.key', '-out', 'tsa.csr', '-subj', '/CN=Test TSA/O=Tongping tests')
  const sign = ['-cert', 'ca.pem', '-keyfile', 'ca.key', '-in', 'tsa.csr', '-out', 'tsa.pem', '-batch', '-notext']
  const dates =
    flavour === 'expired'
      ? ['-startdate', '20200101000000Z', '-enddate', '20210101000000Z']
      : ['-startdate', '20200101000000Z', '-enddate', '20450101000000Z']
  const use = ['-extensions', flavour === 'not-for-stamping' ? 'serves' : 'stamps']
  await openssl('ca', '-config', 'tsa.cnf', ...sign, ...dates, ...use)
}
