import type { PageId } from '../../signaling/protocol/ids.ts'
import type { Finding } from '../../signaling/protocol/reading.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { useBench } from './bench.ts'
import { pointsAt } from './points-at.ts'
import { cornersOf } from './stage-look.ts'

type Props = { readonly findings: readonly Finding[] | undefined; readonly pageId: PageId | undefined }

/** What the operator's recognisers found: the two or three things the call is about, in the largest type here. */
export function Findings({ findings, pageId }: Props) {
  const { desk, words, language } = useBench()
  if (!findings || findings.length === 0) return null
  return (
    <ul class="findings" aria-label={words.wb.findings} data-test="findings">
      {findings.map((finding, index) => (
        <li
          key={index}
          data-recogniser={finding.recogniser}
          {...pointsAt(desk, finding.box && pageId && { pageId, corners: cornersOf(finding.box) })}
        >
          <span class="finding-title">{finding.title[language]}</span>
          <strong class="finding-value wrap">{finding.value}</strong>
          <CopyButton text={finding.value} words={words.common} label={words.common.copy} small />
        </li>
      ))}
    </ul>
  )
}
