import type { RedactedFile } from '../../signaling/protocol/redaction.ts'
import { copyAddress } from './redact-api.ts'

type Props = { readonly redactionId: string; readonly files: readonly RedactedFile[]; readonly summary: string }

/** The files of a redacted copy, to be fetched one by one. */
export function CopyFiles({ redactionId, files, summary }: Props) {
  return (
    <details>
      <summary>{summary}</summary>
      <ul class="redact-list">
        {files.map(file => (
          <li key={file.path}>
            <a href={copyAddress(redactionId, file.path)} download>
              {file.path.split('/').slice(3).join('/')}
            </a>
          </li>
        ))}
      </ul>
    </details>
  )
}
