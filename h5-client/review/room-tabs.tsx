import { hashOf } from './hash-route.ts'

type Props<T extends string> = {
  readonly section: string
  readonly label: string
  readonly tabs: readonly T[]
  readonly current: T
  readonly title: (tab: T) => string
}

/** The parts of a section, as links: each has an address. */
export function RoomTabs<T extends string>({ section, label, tabs, current, title }: Props<T>) {
  return (
    <nav class="room-tabs" aria-label={label}>
      {tabs.map(tab => (
        <a
          key={tab}
          href={hashOf(section, tab)}
          data-test={`${section}-${tab}`}
          aria-current={tab === current ? 'page' : undefined}
        >
          {title(tab)}
        </a>
      ))}
    </nav>
  )
}
