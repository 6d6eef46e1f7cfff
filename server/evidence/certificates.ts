import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from '../../recordings/archive/durable-file.ts'
import { hashText, readCertificate, type SignedCertificate } from '../../recordings/retention/certificate.ts'
import type { CertificateRow } from '../../signaling/protocol/retention.ts'

/** The folder of certificates of destruction: `<callId>.json`, and `<callId>.2.json` where something went later. */
export class Certificates {
  readonly #folder: string
  constructor(folder: string) {
    this.#folder = folder
  }

  async keep(callId: string, part: number, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o750 })
    await writeDurably(join(this.#folder, part === 1 ? `${callId}.json` : `${callId}.${part}.json`), Buffer.from(text))
  }

  /** The newest certificate of a call. */
  async last(callId: string): Promise<{ certificate: SignedCertificate; file: string; sha256: string } | undefined> {
    const ours = await this.#read(name => name.startsWith(`${callId}.`))
    return ours.sort((a, b) => b.certificate.part - a.certificate.part)[0]
  }

  /** The exact bytes of one, by its file name. */
  async text(file: string): Promise<string | undefined> {
    return (await this.#read(name => name === file))[0]?.text
  }

  /** Newest first. What is not properly signed is left out. */
  async list(): Promise<CertificateRow[]> {
    return (await this.#read())
      .map(({ certificate, file, sha256 }) => ({
        callId: certificate.callId,
        file,
        issuedAt: certificate.issuedAt,
        sha256,
        classId: certificate.decision.classId ?? null,
        because: certificate.decision.because,
        pending: certificate.remaining.length,
      }))
      .sort((a, b) => (a.issuedAt < b.issuedAt ? 1 : -1))
  }

  async #read(wanted: (name: string) => boolean = () => true) {
    const found: { file: string; text: string; sha256: string; certificate: SignedCertificate }[] = []
    for (const file of await readdir(this.#folder).catch(() => [] as string[])) {
      if (!/^call_[0-9a-z]{20}(\.\d+)?\.json$/.test(file) || !wanted(file)) continue
      const text = await readFile(join(this.#folder, file), 'utf8')
      const certificate = readCertificate(text)
      if (certificate) found.push({ file, text, sha256: hashText(text), certificate })
    }
    return found
  }
}
