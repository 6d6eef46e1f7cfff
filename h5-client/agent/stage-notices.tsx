import type { CameraNotice, Rung } from '../../signaling/protocol/phone.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { WORKBENCH_EN } from '../shared/words/en/workbench.ts'
import { WORKBENCH_ZH } from '../shared/words/zh-CN/workbench.ts'
import { mainTrouble } from './assist-state.ts'
import { useBench } from './bench.ts'
import { browserName } from './browser-name.ts'
import { elapsedMs, type JoinedCall } from './desk-state.ts'
import { useNow } from './use-now.ts'

/** What is said aloud is in the customer's language, as everything else the agent reads out. */
const SAY = { 'zh-CN': WORKBENCH_ZH.say, en: WORKBENCH_EN.say } as const

/** Between title and picture: who wants in, what stands in the way of the picture, and how it travels. */
export function StageNotices({ call }: { call: JoinedCall }) {
  const { camera, rung, rebind, consents } = call.view
  useNow(1_000)
  const notice = mainTrouble(call.assist.trouble, elapsedMs(call, performance.now()) ?? 0)
  const joined = camera !== 'none' && camera !== 'stopped'
  return (
    <div class="stage-notices">
      {rebind ? <RebindLine key={rebind.requestId} call={call} rebind={rebind} /> : null}
      {joined && notice ? <NoticeLine call={call} notice={notice} /> : null}
      {joined && (rung !== 'live' || consents.recording === false) ? (
        <div class="notice-row">
          {rung === 'live' ? null : <RungLine call={call} rung={rung} help={notice === undefined} />}
          {consents.recording === false ? <NotKept /> : null}
        </div>
      ) : null}
    </div>
  )
}

type RebindProps = { readonly call: JoinedCall; readonly rebind: NonNullable<JoinedCall['view']['rebind']> }

/** Somebody with the caller's link asks from another browser; only the agent knows whether it is the same person. */
function RebindLine({ call, rebind }: RebindProps) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const { browser, machine } = browserName(rebind.userAgent)
  const who = words.wb.browserOn(
    browser ? words.wb.browsers[browser] : words.wb.unknownBrowser,
    machine ? words.wb.machines[machine] : undefined,
  )
  const say = SAY[call.view.invite?.language ?? 'zh-CN']
  const answer = (allow: boolean) => void desk.assist.answerRebind(rebind.requestId, allow)
  return (
    <div class="notice warn stage-notice" role="alert" data-test="rebind">
      <Icon name="warn" />
      <div>
        <p>
          <strong>{words.wb.rebind(who)}</strong>
        </p>
        <p lang={call.view.invite?.language}>
          {words.sayNext}: “{say.rebind}”
        </p>
      </div>
      <button
        type="button"
        class="button small primary"
        data-test="rebind-allow"
        disabled={busy.has('rebind')}
        onClick={() => answer(true)}
      >
        {words.wb.letIn}
      </button>
      <button
        type="button"
        class="button small"
        data-test="rebind-refuse"
        disabled={busy.has('rebind')}
        onClick={() => answer(false)}
      >
        {words.wb.refuse}
      </button>
    </div>
  )
}

function NoticeLine({ call, notice }: { call: JoinedCall; notice: CameraNotice }) {
  const { words } = useBench()
  const say = SAY[call.view.invite?.language ?? 'zh-CN'].notices[notice]
  return (
    <div class="notice warn stage-notice" role="status" data-test="camera-notice" data-notice={notice}>
      <Icon name="warn" />
      <div>
        <p>
          <strong>{words.common.notices[notice]}</strong>
        </p>
        <p lang={call.view.invite?.language}>
          {words.sayNext}: “{say}”
        </p>
      </div>
    </div>
  )
}

/** The picture does not move as video does: since when the one on the stage is old. */
function RungLine({ call, rung, help }: { call: JoinedCall; rung: Exclude<Rung, 'live'>; help: boolean }) {
  const { words } = useBench()
  const { scanAtMs } = call.assist
  const nowMs = elapsedMs(call, performance.now())
  const ageS =
    scanAtMs === undefined || nowMs === undefined ? undefined : Math.max(0, Math.round((nowMs - scanAtMs) / 1000))
  return (
    <div class="notice warn stage-notice" role="status" data-test="rung-notice" data-rung={rung}>
      <Icon name="warn" />
      <div>
        <p>
          <strong>{words.wb.rungs[rung]}</strong>
          {ageS === undefined || rung === 'photo' ? null : (
            <span class="figures"> · {words.wb.stillAge(String(ageS))}</span>
          )}
        </p>
        {help ? <p>{words.wb.rungHelp[rung]}</p> : null}
      </div>
    </div>
  )
}

function NotKept() {
  const { words } = useBench()
  return (
    <div class="notice stage-notice" role="status" data-test="not-kept">
      <Icon name="eye" />
      <p>
        <strong>{words.wb.notKept}</strong> {words.wb.notKeptNote}
      </p>
    </div>
  )
}
