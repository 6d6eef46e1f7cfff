import 'reflect-metadata'
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { TlsChoice } from './config/tls-choice.ts'

export type TlsPair = { readonly cert: string; readonly key: string; readonly selfMade: boolean }
const VALID_DAYS = 397
const RENEW_BEFORE_MS = 14 * 86_400_000

/**
 * The operator's certificate, or one of our own for the given names and addresses. A self-made one is kept and made
 * anew when it is about to run out or the machine's address has changed. Phones give no camera on plain HTTP.
 */
export async function loadCertificate(choice: TlsChoice, folder: string, hosts: readonly string[]): Promise<TlsPair> {
  if (choice.kind === 'files') {
    return {
      cert: await readFile(choice.certFile, 'utf8'),
      key: await readFile(choice.keyFile, 'utf8'),
      selfMade: false,
    }
  }
  const certFile = join(folder, 'self-made.crt')
  const keyFile = join(folder, 'self-made.key')
  try {
    const cert = await readFile(certFile, 'utf8')
    const parsed = new X509Certificate(cert)
    const fresh = Date.parse(parsed.validTo) - Date.now() > RENEW_BEFORE_MS
    const covers = hosts.every(host => (isIP(host) ? parsed.checkIP(host) : parsed.checkHost(host)) !== undefined)
    if (fresh && covers) return { cert, key: await readFile(keyFile, 'utf8'), selfMade: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  const made = await makeCertificate(hosts)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeFile(`${keyFile}.new`, made.key, { mode: 0o600 })
  await rename(`${keyFile}.new`, keyFile)
  await writeFile(`${certFile}.new`, made.cert)
  await rename(`${certFile}.new`, certFile)
  return { ...made, selfMade: true }
}

async function makeCertificate(hosts: readonly string[]): Promise<{ cert: string; key: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const notBefore = new Date(Date.now() - 3600_000)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomBytes(16).toString('hex'),
      name: 'CN=Tongping (self-made)',
      notBefore,
      notAfter: new Date(notBefore.getTime() + VALID_DAYS * 86_400_000),
      signingAlgorithm: algorithm,
      keys: keys as CryptoKeyPair,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          hosts.map(host => ({ type: isIP(host) ? ('ip' as const) : ('dns' as const), value: host })),
        ),
      ],
    },
    webcrypto as unknown as Crypto,
  )
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64')
  const key = `-----BEGIN PRIVATE KEY-----\n${pkcs8.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`
  return { cert: `${certificate.toString('pem')}\n`, key }
}
