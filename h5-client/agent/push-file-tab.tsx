import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Icon } from '../shared/console/icon.tsx'
import { useStore } from '../shared/console/use-store.ts'
import { useBench } from './bench.ts'
import type { JoinedCall } from './desk-state.ts'
import { type PushedDocument, thumbnailAddress } from './push-files.ts'
import { usePushWords } from './push-words.ts'

const ACCEPT = 'image/*,.heic,.heif,application/pdf'
/** Thumbnails are made on demand; a long document shows them in portions. */
const PAGES_AT_ONCE = 12

/** A picture or a PDF of the agent's: looked at here first, then shown. */
export function PushFiles({ call }: { call: JoinedCall }) {
  const { desk } = useBench()
  const words = usePushWords()
  const { file, documents } = useStore(desk.push.state)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    void desk.push.readDocuments()
  }, [desk])
  return (
    <div class="pd-form">
      {file ? (
        <Preview file={file} onOther={() => input.current?.click()} />
      ) : (
        <button type="button" class="pd-zone" data-test="push-choose" onClick={() => input.current?.click()}>
          <Icon name="download" size={28} />
          <strong>{words.dropHere}</strong>
          <span class="quiet">{words.pasteHint}</span>
          <span class="button small">{words.chooseFile}</span>
        </button>
      )}
      <input
        ref={input}
        type="file"
        class="sr-only"
        tabIndex={-1}
        accept={ACCEPT}
        data-test="push-file"
        onChange={event => {
          const [chosen] = event.currentTarget.files ?? []
          if (chosen) desk.push.offer(chosen)
          event.currentTarget.value = ''
        }}
      />
      {documents.length > 0 ? <h3 class="pd-title">{words.documents}</h3> : null}
      {documents.map(document => (
        <Pages key={document.documentId} callId={call.callId} document={document} />
      ))}
    </div>
  )
}

function Preview({ file, onOther }: { file: File; onOther: () => void }) {
  const { desk } = useBench()
  const words = usePushWords()
  const { busy } = useStore(desk.push.state)
  const isPdf = file.type === 'application/pdf' || /\.pdf$/i.test(file.name)
  const address = useMemo(() => (isPdf ? undefined : URL.createObjectURL(file)), [file, isPdf])
  const send = useRef<HTMLButtonElement>(null)
  useEffect(() => () => void (address && URL.revokeObjectURL(address)), [address])
  useEffect(() => send.current?.focus(), [file])
  return (
    <div class="pd-preview" data-test="push-preview">
      {/* Some pictures (HEIC) are shown by no browser; their name has to do. */}
      {address ? <img src={address} alt="" /> : <Icon name="read" size={40} />}
      <p class="cut">{file.name}</p>
      <button
        type="button"
        ref={send}
        class="button primary large wide"
        data-test="push-send"
        disabled={busy !== undefined}
        onClick={() => void desk.push.file()}
      >
        <Icon name="send" />
        {busy === 'upload' ? words.uploading : isPdf ? words.openPdf : words.show}
        <kbd>↵</kbd>
      </button>
      <button type="button" class="button small plain" disabled={busy !== undefined} onClick={onOther}>
        {words.anotherFile}
      </button>
    </div>
  )
}

function Pages({ callId, document }: { callId: string; document: PushedDocument }) {
  const { desk } = useBench()
  const words = usePushWords()
  const { busy } = useStore(desk.push.state)
  const [shown, setShown] = useState(PAGES_AT_ONCE)
  const pages = Array.from({ length: Math.min(shown, document.pages) }, (_, index) => index + 1)
  return (
    <section class="pd-document" data-test="push-document" data-pages={document.pages}>
      <p class="row between">
        <strong class="cut">{document.name}</strong>
        <span class="quiet">{words.pages(String(document.pages))}</span>
      </p>
      <div class="pd-grid">
        {pages.map(page => (
          <button
            key={page}
            type="button"
            class="pd-tile"
            data-test="push-pdf-page"
            disabled={busy !== undefined}
            title={words.show}
            onClick={() => void desk.push.pdfPage(document.documentId, page)}
          >
            <img
              src={thumbnailAddress(callId, document.documentId, page)}
              alt={words.pageNumber(String(page))}
              loading="lazy"
            />
            <span>{page}</span>
          </button>
        ))}
      </div>
      {document.pages > shown ? (
        <button type="button" class="button small" onClick={() => setShown(shown + PAGES_AT_ONCE)}>
          {words.more}
        </button>
      ) : null}
    </section>
  )
}
