import { useClosedSpeech } from './closed-words.ts'
import type { SectionProps } from './sections.ts'

/** On a telephone the list gives way to the record: this brings it back. On a wide screen it is not shown. */
export function ToList({ desk, routes }: Pick<SectionProps, 'desk' | 'routes'>) {
  const { say } = useClosedSpeech()
  return (
    <button
      type="button"
      class="button plain to-list"
      data-test="to-list"
      onClick={() => {
        desk.close()
        routes.go('records')
      }}
    >
      {say.back}
    </button>
  )
}
