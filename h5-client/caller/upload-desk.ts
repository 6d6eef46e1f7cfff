// A bundle of its own, loaded when the caller first sends something.
import { assertNever } from '../../signaling/protocol/assert-never.ts'
import type { Language } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { UPLOAD_EN } from '../shared/words/en/upload.ts'
import { UPLOAD_ZH, type UploadWords } from '../shared/words/zh-CN/upload.ts'
import { button } from './card.ts'
import { h, setText } from './dom.ts'
import { Sheet } from './sheet.ts'
import { UploadFile, type UploadState } from './upload-file.ts'
import { uploadWire } from './upload-wire.ts'

export type UploadDeskOptions = {
  readonly callId: CallId
  readonly language: () => Language
}

/** Everything the caller sends, one after the other: the live picture shares the same network. */
export class UploadDesk {
  readonly #o: UploadDeskOptions
  readonly #list = h('ul', { class: 'uploads', 'data-test': 'uploads', 'aria-live': 'polite' })
  readonly #files: UploadFile[] = []
  #sheet: Sheet | undefined
  #title: HTMLElement | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(o: UploadDeskOptions) {
    this.#o = o
  }

  add(files: readonly File[]): void {
    for (const file of files) this.#enter(file)
    this.#open()
  }

  close(): void {
    for (const file of this.#files) file.cancel()
    this.#sheet?.close()
  }

  get #words(): UploadWords {
    return this.#o.language() === 'zh-CN' ? UPLOAD_ZH : UPLOAD_EN
  }

  #enter(file: File): void {
    const words = this.#words
    const said = h('span', { class: 'said' }, words.waiting)
    const bar = h('progress', { max: 100, value: 0, 'aria-label': file.name })
    const cancel = button(
      words.cancel,
      'quiet',
      () => (upload.isOver ? this.#again(upload, row) : upload.cancel()),
      'upload-cancel',
    )
    const row = h(
      'li',
      { class: 'upload', 'data-test': 'upload', 'data-state': 'waiting' },
      h('span', { class: 'name' }, file.name),
      said,
      cancel,
      bar,
    )
    const upload = new UploadFile({
      file,
      wire: uploadWire(this.#o.callId),
      untilOnline,
      onState: state => {
        row.dataset.state = state.kind
        setText(said, sentence(words, state))
        bar.hidden = upload.isOver
        if ('percent' in state) bar.value = state.percent
        else if (state.kind === 'checking') bar.removeAttribute('value')
        cancel.hidden = state.kind === 'done' || state.kind === 'refused'
        if (state.kind === 'cancelled') setText(cancel, words.again)
        this.#retitle()
      },
    })
    this.#files.push(upload)
    this.#list.append(row)
    this.#running = this.#running.then(() => upload.run())
  }

  #again(old: UploadFile, row: HTMLElement): void {
    this.#files.splice(this.#files.indexOf(old), 1)
    row.remove()
    this.#enter(old.file)
  }

  #open(): void {
    this.#sheet?.close()
    const words = this.#words
    const sheet = new Sheet({
      test: 'upload-sheet',
      title: words.title,
      body: [this.#list],
      actions: [button(words.hide, 'primary', () => sheet.dismiss(), 'upload-close')],
    })
    this.#sheet = sheet
    this.#title = sheet.element.querySelector('h2') ?? undefined
    this.#retitle()
  }

  #retitle(): void {
    const words = this.#words
    const allOver = this.#files.every(file => file.isOver)
    const anyDone = this.#files.some(file => file.state.kind === 'done')
    if (this.#title) setText(this.#title, allOver && anyDone ? words.titleDone : words.title)
    const close = this.#sheet?.element.querySelector<HTMLElement>('[data-test="upload-close"]')
    if (close) setText(close, allOver ? words.close : words.hide)
  }
}

function sentence(words: UploadWords, state: UploadState): string {
  switch (state.kind) {
    case 'sending':
      return words.sending(String(state.percent))
    case 'refused':
      return words.reason[state.reason as keyof UploadWords['reason']] ?? words.reason.other
    case 'waiting':
    case 'paused':
    case 'checking':
    case 'done':
    case 'cancelled':
      return words[state.kind]
    default:
      return assertNever(state)
  }
}

/** The phone says when it is back online; a network that is there but carries nothing is only found by trying. */
function untilOnline(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      clearTimeout(timer)
      removeEventListener('online', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    addEventListener('online', done)
    signal.addEventListener('abort', done)
  })
}
