import { createHash } from 'node:crypto'
import { RedactionManifest, RedactionRelease } from '../../signaling/protocol/redaction.ts'
import { MANIFEST_FILE } from '../archive/durable-file.ts'
import { hashKept } from '../mux/hash-kept.ts'
import { canonicalJson } from '../seal/canonical-json.ts'
import { checkSignature } from '../seal/check-signature.ts'
import type { SealKey } from '../seal/seal-key.ts'
import type { CallFiles } from '../vault/call-files.ts'
import { RELEASE_FILE, redactionFolder } from './redaction-folder.ts'

type Sealed = { readonly seal: RedactionManifest['seal'] }

/** Signs what is said, as the record's own manifest is signed. @returns the canonical text to keep */
export function signedText<T extends Sealed>(body: Omit<T, 'seal'>, key: SealKey): string {
  const seal = { algorithm: 'Ed25519', keyId: key.keyId, publicKey: key.publicKeyPem }
  const signature = key.sign(canonicalJson({ ...body, seal }))
  return canonicalJson({ ...body, seal: { ...seal, signature } })
}

export type RedactionProblem =
  | { readonly kind: 'manifest-missing' | 'manifest-unreadable' | 'signature-wrong' | 'unknown-key' }
  | { readonly kind: 'file-missing' | 'file-changed' | 'file-added'; readonly file: string }
  | { readonly kind: 'release-wrong' }

/** Checks a covered copy by its own manifest, and its release when there is one. Empty when all is well. */
export async function verifyRedaction(
  files: CallFiles,
  redactionId: string,
  trustedKeys?: readonly string[],
): Promise<readonly RedactionProblem[]> {
  const folder = redactionFolder(redactionId)
  const path = `${folder}/${MANIFEST_FILE}`
  if (!(await files.has(path))) return [{ kind: 'manifest-missing' }]
  const text = (await files.read(path)).toString('utf8')
  const manifest = parsed(text, value => RedactionManifest.parse(value))
  if (!manifest || canonicalJson(manifest) !== text || manifest.redactionId !== redactionId)
    return [{ kind: 'manifest-unreadable' }]
  const problems: RedactionProblem[] = [...signatureFlaws(manifest, trustedKeys)]
  const there = new Set((await files.list()).map(file => file.path).filter(one => one.startsWith(`${folder}/`)))
  for (const file of manifest.files) {
    if (!there.delete(file.path)) problems.push({ kind: 'file-missing', file: file.path })
    else if ((await hashKept(files, file.path)) !== file.sha256)
      problems.push({ kind: 'file-changed', file: file.path })
  }
  there.delete(path)
  if (there.delete(`${folder}/${RELEASE_FILE}`)) {
    const released = (await files.read(`${folder}/${RELEASE_FILE}`)).toString('utf8')
    const release = parsed(released, value => RedactionRelease.parse(value))
    const fits =
      release !== undefined &&
      canonicalJson(release) === released &&
      release.manifestSha256 === createHash('sha256').update(text).digest('hex') &&
      signatureFlaws(release, trustedKeys).length === 0
    if (!fits) problems.push({ kind: 'release-wrong' })
  }
  for (const file of there) problems.push({ kind: 'file-added', file })
  return problems
}

function signatureFlaws(sealed: Sealed, trustedKeys: readonly string[] | undefined) {
  const { signature: _, ...seal } = sealed.seal
  const text = canonicalJson({ ...sealed, seal })
  return checkSignature(sealed.seal, text, trustedKeys)
}

function parsed<T>(text: string, parse: (value: unknown) => T): T | undefined {
  try {
    return parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
