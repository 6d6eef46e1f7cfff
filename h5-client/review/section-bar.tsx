import { hashOf } from './hash-route.ts'
import { useSpeech } from './review-words.ts'
import type { Section } from './sections.ts'

type Props = { readonly sections: readonly Section[]; readonly current: string }

/** The rooms of the console as links: they can be reached by keyboard, opened in a tab, and gone back to. */
export function SectionBar({ sections, current }: Props) {
  const speech = useSpeech()
  if (sections.length < 2) return null
  return (
    <nav class="section-bar" aria-label={speech.words.sections.bar}>
      {sections.map(section => (
        <a
          key={section.id}
          href={hashOf(section.id)}
          data-test={`section-${section.id}`}
          aria-current={section.id === current ? 'page' : undefined}
        >
          {section.title(speech)}
        </a>
      ))}
    </nav>
  )
}
