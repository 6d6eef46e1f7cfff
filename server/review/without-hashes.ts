import type { SealedManifest } from '../../signaling/protocol/archive.ts'

/**
 * Hashes and signatures over texts in which something was masked: whoever knows the rest could try out the few digits that are
 * missing. Those of files without masked text stay.
 */
export function withoutHashes(record: SealedManifest): SealedManifest {
  return {
    ...record,
    journal: { ...record.journal, head: '' },
    files: record.files.map(file => (file.path === record.journal.file ? { ...file, sha256: '' } : file)),
    seal: { ...record.seal, signature: '' },
  }
}
