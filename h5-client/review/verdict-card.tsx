import type { ArchiveProblem } from '../../signaling/protocol/archive.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { Icon } from '../shared/console/icon.tsx'
import type { DeskOfRecords, RecordState } from './desk-of-records.ts'
import { EncryptionLine } from './encryption-line.tsx'
import { type Speech, useSpeech } from './review-words.ts'
import { VerdictChip } from './verdict-chip.tsx'

/** One finding, with the file and the place in it, as exactly as it is known. */
export function problemText(problem: ArchiveProblem, { words, number }: Speech): string {
  const what = words.problems[problem.kind]
  switch (problem.kind) {
    case 'journal-chain-broken':
    case 'journal-reordered':
      return `${what}: ${problem.file}, ${words.problemEntry(number(problem.entry))}`
    case 'track-checkpoint-wrong':
    case 'chunks-wrong':
      return `${what}: ${problem.file}, ${words.problemBytes(number(problem.fromByte), number(problem.toByte))}`
    case 'tail-removed':
      return `${what}: ${problem.file}, ${words.problemTail(number(problem.fromByte), number(problem.missingBytes))}`
    case 'chunks-reordered':
      return `${what}: ${problem.file}, ${words.problemChunk(number(problem.chunk))}`
    case 'call-swapped':
      return `${what}: ${problem.file}, ${problem.callId}`
    case 'file-swapped':
      return `${what}: ${problem.file} ← ${problem.with}`
    case 'file-head-wrong':
    case 'file-missing':
    case 'file-added':
    case 'file-changed':
    case 'file-size':
      return `${what}: ${problem.file}`
    default:
      return what
  }
}

type Props = { readonly desk: DeskOfRecords; readonly state: Extract<RecordState, { kind: 'open' }> }

/** Whether the record is what was sealed: a sentence first, then what was found, then who signed it. */
export function VerdictCard({ desk, state }: Props) {
  const speech = useSpeech()
  const { words, time, number, bytes } = speech
  const { verdict } = state.opened
  const say = words.verdict
  if (!verdict) {
    return (
      <section class="card verdict" data-test="verdict" data-intact="checking" role="status">
        <p class="verdict-words">{say.checking}</p>
        <VerdictChip state={state} />
        {state.verifyFailed ? (
          <p class="notice danger" role="alert">
            {say.failed} · {words.common.refusals[state.verifyFailed]}
          </p>
        ) : null}
      </section>
    )
  }
  return (
    <section
      class={verdict.intact ? 'card verdict intact' : 'card verdict broken'}
      data-test="verdict"
      data-intact={verdict.intact}
      role="status"
    >
      <p class="verdict-words">
        <Icon name={verdict.intact ? 'check' : 'warn'} size={22} />
        {verdict.intact ? say.intact : say.broken}
      </p>
      {verdict.problems.length > 0 ? (
        <ul class="problems" data-test="problems">
          {verdict.problems.map(problem => {
            const text = problemText(problem, speech)
            return <li key={text}>{text}</li>
          })}
        </ul>
      ) : null}
      <dl class="facts">
        <dt>{say.sealedAt}</dt>
        <dd>{verdict.sealedAt ? time(verdict.sealedAt) : say.notSealed}</dd>
        <dt>{say.keyId}</dt>
        <dd class="with-copy">
          <code>{verdict.keyId ?? say.notSealed}</code>
          {verdict.keyId ? <CopyButton text={verdict.keyId} words={words.common} label={words.copyId} small /> : null}
        </dd>
      </dl>
      <EncryptionLine encryption={state.opened.encryption} />
      <div class="row between">
        <p class="quiet">{say.checked(number(verdict.filesChecked), bytes(verdict.bytesChecked))}</p>
        <button
          type="button"
          class="button"
          data-test="verify-again"
          disabled={state.verifying}
          onClick={() => void desk.verify()}
        >
          {state.verifying ? say.checking : say.again}
        </button>
      </div>
      {state.verifyFailed ? (
        <p class="notice danger" role="alert">
          {say.failed} · {words.common.refusals[state.verifyFailed]}
        </p>
      ) : null}
    </section>
  )
}
