import { shownPage } from '../../signaling/protocol/stage.ts'
import { CopyButton } from '../shared/console/copy-button.tsx'
import { clockText } from '../shared/console/durations.ts'
import { useStore } from '../shared/console/use-store.ts'
import type { CodesReading } from './assist-state.ts'
import { useBench } from './bench.ts'
import { type JoinedCall, liveCall } from './desk-state.ts'
import { Findings } from './findings.tsx'
import { pageLabel } from './page-title.ts'
import { pointsAt } from './points-at.ts'

/** Older ones are in the record; here the agent copies what was just read. */
const SHOWN = 6

/** Codes of pages, read by the server, and of the live picture, seen by this page. */
export function CodesPanel({ call }: { call: JoinedCall }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { scanning } = useStore(desk.look.state)
  const { picture } = useStore(desk.media.state)
  const live = liveCall(useStore(desk.state)) !== undefined
  const shown = shownPage(call.stage)
  const page = shown?.picture ? shown : undefined
  const found = call.assist.codes.filter(one => one.result.codes.length > 0)
  const newest = call.assist.codes.at(-1)
  const reading = busy.has('read-codes')
  return (
    <article class="card codes" aria-label={words.wb.codes}>
      <div class="card-head">
        <h2>{words.wb.codes}</h2>
        {page ? (
          <button
            type="button"
            class="button small"
            data-test="read-codes"
            disabled={!live || reading}
            onClick={() => void desk.assist.readCodes(page.page.id)}
          >
            {reading ? words.wb.readingCodes : words.wb.readCodes}
            <kbd>Q</kbd>
          </button>
        ) : (
          <button
            type="button"
            class={scanning ? 'button small pressed' : 'button small'}
            data-test="scan-codes"
            aria-pressed={scanning}
            disabled={!live || !picture || call.stage.showing !== 'live'}
            onClick={() => desk.look.setScanning(!scanning)}
          >
            {scanning ? words.wb.stopScanning : words.wb.scanCodes}
            <kbd>Q</kbd>
          </button>
        )}
      </div>
      {newest && newest.result.codes.length === 0 && page && isOf(newest, page.page.id) ? (
        <p class="quiet" role="status" data-test="no-codes">
          {words.wb.noCodes}
        </p>
      ) : null}
      {found.length > 0 ? (
        <ul class="code-list" data-test="code-list">
          {found
            .slice(-SHOWN)
            .reverse()
            .map(one => (
              <CodesRow key={one.seq} call={call} found={one} />
            ))}
        </ul>
      ) : null}
    </article>
  )
}

function isOf(found: CodesReading, pageId: string): boolean {
  return 'pageId' in found.result.at && found.result.at.pageId === pageId
}

function CodesRow({ call, found }: { call: JoinedCall; found: CodesReading }) {
  const { desk, words } = useBench()
  const { at, codes, findings } = found.result
  const pageId = 'pageId' in at ? at.pageId : undefined
  const where = pageId ? pageLabel(call.stage, pageId, words) : words.stage.live
  return (
    <li>
      <Findings findings={findings} pageId={pageId} />
      {codes.map((code, index) => (
        <div
          key={index}
          class="code-row"
          data-test="code"
          data-format={code.format}
          {...pointsAt(desk, pageId && { pageId, corners: code.corners })}
        >
          <span class="quiet">
            {words.wb.formats[code.format]} · {where} · <span class="figures">{clockText(found.atMs)}</span>
          </span>
          <strong class="code-text wrap">{code.text}</strong>
          <CopyButton text={code.text} words={words.common} label={words.common.copy} small />
        </div>
      ))}
    </li>
  )
}
