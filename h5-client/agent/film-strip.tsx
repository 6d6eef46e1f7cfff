import { useEffect, useRef } from 'preact/hooks'
import type { StagePage } from '../../signaling/protocol/stage.ts'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { pageIcon, pageName, pageTitle } from './page-title.ts'
import { pictureAddress } from './picture-address.ts'

/** The pages of this call in the order in which they came: what each is, what the phone has of it, who looks at it. */
export function FilmStrip({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const strip = useRef<HTMLOListElement>(null)
  const pages = call?.stage.pages ?? []
  const showing = call?.stage.showing
  // A page that comes onto the stage is never outside of the strip.
  useEffect(() => {
    strip.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [showing, pages.length])
  if (!call || pages.length === 0) {
    return (
      <div class="film-strip empty">
        <p class="quiet">{call ? words.filmstripEmpty : ''}</p>
      </div>
    )
  }
  const looks = call.stage.callerLooksAt
  return (
    <ol class="film-strip" aria-label={words.filmstrip} data-test="filmstrip" ref={strip}>
      <li>
        <button
          type="button"
          class="film live"
          aria-current={showing === 'live'}
          disabled={busy.has('live')}
          title={`${words.liveTile} (L)`}
          onClick={() => showing !== 'live' && void desk.stage.showLive()}
        >
          <Icon name="live" size={24} />
          {words.liveTile}
          {looks === 'live' ? <Eye /> : null}
        </button>
      </li>
      {pages.map((page, index) => (
        <li key={page.page.id}>
          <Film call={call} page={page} index={index} />
        </li>
      ))}
      <li class="film-keys quiet">
        <kbd>[</kbd> <kbd>]</kbd>
        <span>{words.wb.turnPages}</span>
      </li>
    </ol>
  )
}

type FilmProps = { readonly call: JoinedCall; readonly page: StagePage; readonly index: number }

function Film({ call, page: stagePage, index }: FilmProps) {
  const { desk, words } = useBench()
  const { page, pictures, marks, phone } = stagePage
  const current = call.stage.showing === page.id
  const looked = call.stage.callerLooksAt === page.id
  const reached = phone.copied.length > 0 ? 'copied' : phone.seen ? 'seen' : phone.loaded ? 'loaded' : undefined
  const title = pageTitle(page, index, words)
  const label = [
    title,
    reached && words.wb.phoneHas[reached],
    looked && words.wb.callerLooksHere,
    marks.length > 0 && words.wb.marked(String(marks.length)),
  ]
    .filter(Boolean)
    .join(' · ')
  return (
    <button
      type="button"
      class="film"
      data-test="film"
      data-kind={page.kind}
      data-phone={reached}
      aria-current={current}
      aria-label={label}
      title={label}
      onClick={() => !current && void desk.stage.showPage(page.id)}
    >
      {page.kind === 'card' ? (
        <span class="film-card">
          <Icon name={pageIcon(page)} size={22} />
          <span>{page.card.title}</span>
        </span>
      ) : (
        <img src={pictureAddress(call.callId, page.id, pictures.length - 1)} alt="" />
      )}
      <span class="film-number">
        <Icon name={pageIcon(page)} size={12} />
        {index + 1}
      </span>
      <span class="film-signs">
        {marks.length > 0 ? <Icon name="pen" size={12} /> : null}
        {looked ? <Eye /> : null}
      </span>
      <span class="film-foot">
        <span class="cut">{page.kind === 'card' ? '' : (pageName(page) ?? '')}</span>
        {reached ? <span class={`film-phone ${reached}`}>{words.wb.phoneShort[reached]}</span> : null}
      </span>
    </button>
  )
}

function Eye() {
  const { words } = useBench()
  return (
    <span class="film-eye" data-test="caller-eye">
      <Icon name="eye" size={14} />
      <span class="sr-only">{words.wb.callerLooksHere}</span>
    </span>
  )
}
