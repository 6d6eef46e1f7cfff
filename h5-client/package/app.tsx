import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Language } from '../../signaling/protocol/call.ts'
import { packageSortOf } from '../../signaling/protocol/export-kinds.ts'
import type { PackageData } from '../../signaling/protocol/record-export.ts'
import { EventList } from '../review/event-list.tsx'
import { FileAddressContext } from '../review/file-address.ts'
import { KeysDialog } from '../review/keys-dialog.tsx'
import { PageText } from '../review/page-text.tsx'
import { PeopleCard } from '../review/people-card.tsx'
import type { ReplayProps } from '../review/record-props.ts'
import { ReplayColumn } from '../review/replay-column.tsx'
import { ReplayIndex } from '../review/replay-index.ts'
import { ReplayPlayer } from '../review/replay-player.ts'
import { ReplayView } from '../review/replay-view.ts'
import { SpeechContext, speechIn } from '../review/review-words.ts'
import { TrackCard } from '../review/track-card.tsx'
import { useReplayKeys } from '../review/use-replay-keys.ts'
import { ExportCard } from './export-card.tsx'
import { PackageHead } from './package-head.tsx'
import { reportWordsIn } from './package-words.ts'
import { SealCard } from './seal-card.tsx'

/** A package opened from a folder: the same replay as in the console, without any server. */
export function App({ data }: { readonly data: PackageData }) {
  const [language, setLanguage] = useState<Language>(data.origin.language)
  const speech = speechIn(language)
  useEffect(() => {
    document.documentElement.lang = language
    const title = reportWordsIn(language).packageTitles[packageSortOf(data.origin)]
    document.title = `${title} · ${data.record.callId} · ${speech.words.common.product}`
  }, [language, speech, data])
  const props = useReplay(data)
  useReplayKeys(props)
  return (
    <SpeechContext.Provider value={speech}>
      <FileAddressContext.Provider value={(_, path) => data.files[path] ?? ''}>
        <div class="package">
          <PackageHead data={data} onLanguage={() => setLanguage(language === 'en' ? 'zh-CN' : 'en')} />
          <div class="record-place open">
            <ReplayColumn {...props} />
            <aside class="record-column" aria-label={speech.words.recordColumn}>
              <SealCard data={data} />
              <PageText {...props} />
              <EventList {...props} />
              <PeopleCard {...props} />
              <ExportCard data={data} />
              <TrackCard {...props} />
            </aside>
            <KeysDialog view={props.view} />
          </div>
        </div>
      </FileAddressContext.Provider>
    </SpeechContext.Provider>
  )
}

function useReplay(data: PackageData): ReplayProps {
  return useMemo(() => {
    const { record, replay, origin } = data
    const opened: ReplayProps['state']['opened'] = {
      record,
      replay: replay && { ...replay, durationMs: record.durationMs },
      muxState: replay ? 'muxed' : 'mux-failed',
      watermark: { text: origin.exportId, lines: [origin.by.name, origin.at, origin.exportId] },
      work: { comments: [] },
    }
    return {
      name: origin.by.name,
      state: { opened },
      index: new ReplayIndex(data.entries),
      player: new ReplayPlayer(record.durationMs),
      view: new ReplayView(),
    }
  }, [data])
}
