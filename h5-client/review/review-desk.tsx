import { useEffect, useMemo } from 'preact/hooks'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { Right } from '../../signaling/protocol/rights.ts'
import { useStore } from '../shared/console/use-store.ts'
import { AnchorBanner } from './anchor-banner.tsx'
import type { DeskOfRecords } from './desk-of-records.ts'
import { HashRoutes } from './hash-route.ts'
import { useSpeech } from './review-words.ts'
import { SectionBar } from './section-bar.tsx'
import { sectionsFor } from './sections.ts'

type Props = {
  readonly desk: DeskOfRecords
  readonly name: string
  readonly rights: readonly Right[]
  readonly userId: string | undefined
  readonly onLanguage: () => void
  readonly onSignOut: () => void
}

export function ReviewDesk({ desk, name, rights, userId, onLanguage, onSignOut }: Props) {
  const { words } = useSpeech()
  const routes = useMemo(() => new HashRoutes(), [])
  useEffect(() => () => routes.close(), [routes])
  const route = useStore(routes.route)
  const list = useStore(desk.list)
  const sections = useMemo(() => sectionsFor(rights), [rights])
  // An address of a room this person may not enter, or of none at all, leads to the first.
  const section = sections.find(one => one.id === route.section) ?? sections[0]
  useEffect(() => {
    const callId = route.section === 'records' ? route.rest[0] : undefined
    const open = desk.record.get()
    if (callId === undefined || (open.kind !== 'none' && open.row.callId === callId)) return
    const rows = desk.list.get()
    const known = rows.kind === 'ready' ? rows.rows.find(one => one.callId === callId) : undefined
    // The server says whether there is such a record; an address alone knows only its id.
    desk.choose(known ?? { callId: callId as CallId })
  }, [route, desk])
  const forbidden = list.kind === 'failed' && list.code === 'forbidden'
  const Room = section?.component
  return (
    <div class="review">
      <header class="review-head">
        <p class="brand">
          <span class="brand-mark" aria-hidden="true" />
          {words.common.product}
        </p>
        <h1>{words.signInTitle}</h1>
        <SectionBar sections={sections} current={section?.id ?? ''} />
        <span class="push" />
        <span class="who">{name}</span>
        <button
          type="button"
          class="button plain"
          lang={words.common.switchLanguage === 'English' ? 'en' : 'zh-CN'}
          onClick={onLanguage}
        >
          {words.common.switchLanguage}
        </button>
        <button type="button" class="button plain" data-test="sign-out" onClick={onSignOut}>
          {words.common.signOut}
        </button>
      </header>
      <AnchorBanner desk={desk} rights={rights} />
      {forbidden ? (
        <main class="page-state">
          <div role="alert" data-test="forbidden">
            <h1>{words.forbidden}</h1>
            <p>{words.forbiddenNote}</p>
          </div>
        </main>
      ) : Room ? (
        <Room desk={desk} routes={routes} name={name} rights={rights} userId={userId} />
      ) : null}
    </div>
  )
}
