import t from 'tap'
import { newId } from '../../signaling/protocol/new-id.ts'
import { StageLook } from './stage-look.ts'
import { WHOLE } from './zoom.ts'

const PAGE = newId('page')

t.test('[WB22] a region is the same from whichever corner it is dragged; a click is none', async t => {
  const look = new StageLook()
  look.setMode('region')
  t.equal(look.select(PAGE, [0.5, 0.5], [0.501, 0.6]), undefined)
  t.equal(look.state.get().mode, 'region', 'and one may try again')
  const region = look.select(PAGE, [0.75, 0.5], [0.25, 0.25])?.region
  t.same(region, { x: 0.25, y: 0.25, width: 0.5, height: 0.25 })
  t.equal(look.state.get().mode, 'draw', 'one region, then the pen again')
})

t.test('[WB23] another page is looked at whole; looking for codes goes on', async t => {
  const look = new StageLook()
  look.shown(PAGE)
  look.zoom(() => ({ scale: 3, x: 0.1, y: 0.1 }))
  look.usePicture(0)
  look.setScanning(true)
  look.select(PAGE, [0, 0], [0.5, 0.5])
  look.shown(PAGE)
  t.equal(look.state.get().zoom.scale, 3, 'entries about the same page change nothing')
  look.shown(newId('page'))
  const state = look.state.get()
  t.same([state.zoom, state.picture, state.selection, state.scanning], [WHOLE, undefined, undefined, true])
})
