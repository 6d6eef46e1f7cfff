import { useLayoutEffect, useState } from 'preact/hooks'

export type PictureState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed' }
  | { readonly kind: 'ready'; readonly address: string; readonly image: HTMLImageElement }

type Kept = { readonly decoding: Promise<HTMLImageElement>; image?: HTMLImageElement }
/** Decoded pictures of this page's life; the same few are shown again and again. */
const pictures = new Map<string, Kept>()
const KEPT = 40

/** Fetches and decodes a picture that is about to be shown, before anything is rendered for it. */
export function expectPicture(address: string): void {
  // Whoever shows it learns of a failure.
  load(address).decoding.catch(() => undefined)
}

function load(address: string): Kept {
  const known = pictures.get(address)
  if (known) return known
  const image = new Image()
  image.src = address
  // Decoding before showing: the first painting must not wait for it.
  const kept: Kept = {
    decoding: image.decode().then(() => {
      kept.image = image
      return image
    }),
  }
  pictures.set(address, kept)
  kept.decoding.catch(() => pictures.delete(address))
  const oldest = pictures.keys().next().value
  if (pictures.size > KEPT && oldest !== undefined) pictures.delete(oldest)
  return kept
}

/** A picture by its address, ready to paint; `tries` asks again when it changes. */
export function usePicture(address: string | undefined, tries = 0): PictureState {
  const [state, setState] = useState<PictureState>({ kind: 'loading' })
  // Before painting, not after: two frames earlier. A new number of tries asks again for the same address.
  useLayoutEffect(() => {
    if (address === undefined) return
    let gone = false
    setState({ kind: 'loading' })
    load(address).decoding.then(
      image => !gone && setState({ kind: 'ready', address, image }),
      () => !gone && setState({ kind: 'failed' }),
    )
    return () => {
      gone = true
    }
  }, [address, tries])
  const image = address === undefined ? undefined : pictures.get(address)?.image
  if (address !== undefined && image) return { kind: 'ready', address, image }
  // After a change of address the former picture is one drawing too old.
  return state.kind === 'ready' && state.address !== address ? { kind: 'loading' } : state
}
