import type { StagePage } from '../../signaling/protocol/stage.ts'
import { useStore } from '../shared/console/use-store.ts'
import type { Size } from '../shared/picture-rect.ts'
import { useBench } from './bench.ts'
import { WHOLE, ZOOM_STEP, zoomedBy } from './zoom.ts'

type Props = { readonly page: StagePage; readonly size: Size; readonly picture: Size }

/** Over the lower edge of a page: where its pictures come from, which one is shown, and how closely. */
export function PictureBar({ page, size, picture }: Props) {
  const { desk, words, language } = useBench()
  const look = useStore(desk.look.state)
  const shown = look.picture ?? page.pictures.length - 1
  const percent = new Intl.NumberFormat(language, { style: 'percent' }).format(look.zoom.scale)
  const zoom = (factor: number) => desk.look.zoom(now => zoomedBy(size, picture, now, factor))
  return (
    <div class="picture-bar">
      <fieldset class="provenance">
        <legend class="sr-only">{words.wb.pictures}</legend>
        {page.pictures.map((one, index) => (
          <button
            key={one.sha256 + String(index)}
            type="button"
            data-test="provenance"
            data-source={one.source}
            aria-pressed={index === shown}
            title={words.wb.pictureTip}
            onClick={() => desk.look.usePicture(index === page.pictures.length - 1 ? undefined : index)}
          >
            {words.wb.sources[one.source]} <span class="figures">{`${one.widthPx} × ${one.heightPx}`}</span>
          </button>
        ))}
      </fieldset>
      <span class="push" />
      <div class="zoom" role="toolbar" aria-label={words.wb.zoom}>
        <button
          type="button"
          data-test="zoom-out"
          title={`${words.wb.zoomOut} (−)`}
          aria-label={words.wb.zoomOut}
          disabled={look.zoom.scale <= 1}
          onClick={() => zoom(1 / ZOOM_STEP)}
        >
          −
        </button>
        <button
          type="button"
          data-test="zoom-whole"
          title={`${words.wb.zoomWhole} (0)`}
          onClick={() => desk.look.zoom(() => WHOLE)}
        >
          <span class="figures">{percent}</span>
        </button>
        <button
          type="button"
          data-test="zoom-in"
          title={`${words.wb.zoomIn} (+)`}
          aria-label={words.wb.zoomIn}
          onClick={() => zoom(ZOOM_STEP)}
        >
          +
        </button>
      </div>
    </div>
  )
}
