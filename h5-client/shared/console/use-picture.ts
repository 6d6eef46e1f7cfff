import { useEffect, useState } from 'preact/hooks'

export type PictureState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'ready'; readonly address: string; readonly image: HTMLImageElement }

/** Decoded pictures of this page's life; the same few are shown again and again. */
const decoded = new Map<string, Promise<HTMLImageElement>>()
const KEPT = 40

/** Fetches and decodes a picture that is about to be shown, before anything is rendered for it. */
export function expectPicture(address: string): void {
  // Whoever shows it learns of a failure.
  load(address).catch(() => undefined)
}

function load(address: string): Promise<HTMLImageElement> {
  const known = decoded.get(address)
  if (known) return known
  const image = new Image()
  image.src = address
  // Decoding before showing: the first painting must not wait for it.
  const ready = image.decode().then(() => image)
  decoded.set(address, ready)
  ready.catch(() => decoded.delete(address))
  const oldest = decoded.keys().next().value
  if (decoded.size > KEPT && oldest !== undefined) decoded.delete(oldest)
  return ready
}

/** A picture by its address, ready to paint; `tries` asks again when it changes. */
export function usePicture(address: string | undefined, tries = 0): PictureState {
  const [state, setState] = useState<PictureState>({ kind: 'loading' })
  // A new number of tries asks again for the same address.
  useEffect(() => {
    if (address === undefined) return
    let gone = false
    setState({ kind: 'loading' })
    load(address).then(
      image => !gone && setState({ kind: 'ready', address, image }),
      () => !gone && setState({ kind: 'failed' }),
    )
    return () => {
      gone = true
    }
  }, [address, tries])
  // After a change of address the former picture is one drawing too old.
  return state.kind === 'ready' && state.address !== address ? { kind: 'loading' } : state
}
