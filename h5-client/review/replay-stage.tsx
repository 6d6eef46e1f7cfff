import type { ComponentChildren, RefObject } from 'preact'
import { useRef } from 'preact/hooks'
import { useSize } from '../shared/console/use-size.ts'
import { useFileAddress } from './file-address.ts'
import type { ReplayProps } from './record-props.ts'
import { ReplayCard } from './replay-card.tsx'
import type { Moment, ReplayIndex } from './replay-index.ts'
import { ReplayLiveMarks } from './replay-live.tsx'
import { ReplayPage } from './replay-page.tsx'
import type { ReplayPlayer } from './replay-player.ts'
import { ReplayScreen } from './replay-screen.tsx'
import { useSpeech } from './review-words.ts'
import { type Sight, sameSight } from './sights.ts'
import type { SpanKind } from './timeline-spans.ts'

export type Side = 'agent' | 'caller'
type Props = {
  readonly side: Side
  readonly sight: Sight
  /** What the other side saw at the same moment. */
  readonly other: Sight
  readonly troubles: readonly SpanKind[]
  readonly moment: Moment
  readonly opened: ReplayProps['state']['opened']
  readonly index: ReplayIndex
  readonly player: ReplayPlayer
  readonly atMs: number
  readonly video: RefObject<HTMLVideoElement | null>
  /** The film or its mirror; it runs on under a frozen page, for it is the clock and the sound. */
  readonly children: ComponentChildren
}

/** What one side looked at, at the moment of the clock. */
export function ReplayStage(props: Props) {
  const { side, sight, moment, opened, index, player, atMs, video } = props
  const { words, number } = useSpeech()
  const box = useRef<HTMLDivElement>(null)
  const size = useSize(box)
  const { callId } = opened.record
  const fileAddress = useFileAddress()
  const test = side === 'agent' ? 'replay' : 'caller'
  const page = sight.kind === 'page' ? sight.page : undefined
  const pageLabel = page ? words.replay.sight.page(number(moment.stage.pages.indexOf(page) + 1)) : ''
  return (
    <div
      class="replay-stage"
      ref={box}
      data-test={`${test}-stage`}
      data-showing={sight.kind}
      data-why={sight.kind === 'nothing' ? sight.why : undefined}
    >
      {props.children}
      {sight.kind === 'share' ? <ReplayScreen url={opened.replay?.screenUrl} player={player} /> : null}
      {sight.kind === 'scan' ? (
        <ReplayPage
          key={sight.picture.file}
          on="live"
          picture={sight.picture}
          marks={[]}
          address={fileAddress(callId, sight.picture.file)}
          label={words.replay.sight.scan}
          test={`${test}-scan`}
          size={size}
          index={index}
          atMs={atMs}
        />
      ) : null}
      {page?.page.kind === 'card' ? <ReplayCard card={page.page.card} phone={page.phone} /> : null}
      {page && page.page.kind !== 'card' && sight.kind === 'page' && sight.shown ? (
        <ReplayPage
          key={page.page.id}
          on={page.page.id}
          picture={page.picture}
          marks={page.marks}
          address={fileAddress(callId, page.picture?.file ?? '')}
          label={pageLabel}
          test={`${test}-canvas`}
          size={size}
          index={index}
          atMs={atMs}
        />
      ) : null}
      {sight.kind === 'live' && opened.replay && moment.stage.live.marks.length > 0 ? (
        <ReplayLiveMarks ink={moment.stage.live} video={video} size={size} />
      ) : null}
      {sight.kind === 'live' ? <NoPicture moment={moment} test={`${test}-camera`} /> : null}
      {sight.kind === 'nothing' ? (
        <p class="no-picture nothing" data-test={`${test}-nothing`}>
          {words.replay.sight[sight.why]}
        </p>
      ) : null}
      {sight.kind === 'page' && !sight.shown ? (
        <p class="no-picture nothing" data-test={`${test}-loading`}>
          {words.replay.sight.loading}
        </p>
      ) : null}
      <Captions {...props} pageLabel={pageLabel} />
    </div>
  )
}

/** The film keeps the last frame when the camera stops; a reviewer must not take it for a live one. */
function NoPicture({ moment, test }: { moment: Moment; test: string }) {
  const { words } = useSpeech()
  const { camera, trouble } = moment
  if (camera === 'live') return null
  const why = camera === 'none' && trouble ? words.cameraFailed(words.common.troubles[trouble]) : words.camera[camera]
  return (
    <p class="no-picture" data-test={test} data-state={camera}>
      {why}
    </p>
  )
}

function Captions({ side, sight, other, troubles, moment, pageLabel }: Props & { pageLabel: string }) {
  const { words } = useSpeech()
  const say = words.replay
  const what =
    sight.kind === 'page'
      ? pageLabel
      : sight.kind === 'nothing' || (sight.kind === 'live' && moment.camera !== 'live')
        ? undefined
        : say.sight[sight.kind]
  return (
    <ul class="captions">
      <li class="side">
        {say.side[side]}
        {what ? ` · ${what}` : ''}
      </li>
      {sameSight(sight, other) ? null : <li class="differs">{say.differs}</li>}
      {troubles.map(kind => (
        <li key={kind} class="trouble" data-test="trouble" data-kind={kind}>
          {say.spans[kind]}
        </li>
      ))}
    </ul>
  )
}
