import { Icon } from '../shared/console/icon.tsx'
import { isOnHold } from '../shared/console/is-on-hold.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { type CallerLook, callerLook } from './who-looks.ts'

/** One line: whether both sides look at the same, so that the agent never talks about something else. */
export function Mirror({ call }: { call: JoinedCall }) {
  const { words } = useBench()
  const look = callerLook(call.stage, call.view.camera)
  // On hold neither the picture nor the shared screen goes anywhere; a page stays where it is.
  const rests = isOnHold(call.view) && look.kind === 'same' && look.what !== 'page'
  const amber = look.kind === 'away' || look.kind === 'other' || look.kind === 'other-page'
  return (
    <p
      class={amber ? 'mirror warn' : look.kind === 'same' && !rests ? 'mirror same' : 'mirror'}
      data-test="mirror"
      data-look={look.kind}
      role="status"
    >
      <Icon name="eye" />
      <span>{rests ? words.wb.looks.onHold : saying(look, words.wb.looks)}</span>
    </p>
  )
}

type Looks = ReturnType<typeof useBench>['words']['wb']['looks']

function saying(look: CallerLook, words: Looks): string {
  switch (look.kind) {
    case 'nothing':
      return words.nothing
    case 'away':
      return words.away
    case 'same':
      return words.same[look.what]
    case 'loading':
      return words.loading(String(look.page))
    case 'other':
      return words.other[look.what]
    case 'other-page':
      return words.otherPage(String(look.page))
  }
}
