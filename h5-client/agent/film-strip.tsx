import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { pictureAddress } from './picture-address.ts'

/** The frozen pages of this call, in the order in which they were taken. */
export function FilmStrip({ call }: { call: JoinedCall | undefined }) {
  const { desk, words } = useBench()
  const { busy } = useStore(desk.tasks.state)
  const pages = call?.stage.pages ?? []
  if (!call || pages.length === 0) {
    return (
      <div class="film-strip empty">
        <p class="quiet">{call ? words.filmstripEmpty : ''}</p>
      </div>
    )
  }
  const { showing } = call.stage
  return (
    <ol class="film-strip" aria-label={words.filmstrip} data-test="filmstrip">
      <li>
        <button
          type="button"
          class="film live"
          aria-current={showing === 'live'}
          disabled={busy.has('live')}
          onClick={() => showing !== 'live' && void desk.showLive()}
        >
          <Icon name="live" size={24} />
          {words.liveTile}
        </button>
      </li>
      {pages.map(({ page, picture, marks }, index) => (
        <li key={page.id}>
          <button
            type="button"
            class="film"
            data-test="film"
            aria-current={showing === page.id}
            onClick={() => showing !== page.id && void desk.showPage(page.id)}
          >
            {picture ? (
              <img src={pictureAddress(call.callId, page.id)} alt={words.stage.page(String(index + 1))} />
            ) : null}
            <span class="film-number">{index + 1}</span>
            {marks.length > 0 ? (
              <span class="film-marked">
                <Icon name="pen" size={12} />
              </span>
            ) : null}
          </button>
        </li>
      ))}
    </ol>
  )
}
