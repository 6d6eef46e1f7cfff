import type { Encryption } from '../../signaling/protocol/review.ts'
import { useStorageSpeech } from './storage-words.ts'

/** Whether the record is encrypted where it lies; a failure stands out. */
export function EncryptionLine({ encryption }: { encryption: Encryption | undefined }) {
  const { say } = useStorageSpeech()
  if (!encryption) return null
  const failed = encryption.state === 'failed'
  return (
    <p
      class={failed ? 'notice danger' : 'quiet'}
      role={failed ? 'alert' : undefined}
      data-test="encryption"
      data-state={encryption.state}
    >
      {say.encryption[encryption.state]}
      {encryption.state === 'failed' ? say.because(say.failures[encryption.reason] ?? encryption.reason) : null}
    </p>
  )
}
