import t from 'tap'
import { columnPeaks } from './column-peaks.ts'

t.test('[RV10] a column is as loud as the loudest value under it', async t => {
  t.same(columnPeaks([0.1, 0.9, 0.2, 0.3], 50, 200, 2), [0.9, 0.3])
  t.same(columnPeaks([0.1, 0.9], 50, 100, 4), [0.1, 0.1, 0.9, 0.9], 'more columns than values')
})

t.test('[RV11] what lies past the values is silence; nothing to draw on gives nothing', async t => {
  t.same(columnPeaks([0.5, 0.5], 50, 200, 4), [0.5, 0.5, 0, 0])
  t.same(columnPeaks([0.5], 50, 0, 10), [])
  t.same(columnPeaks([0.5], 50, 100, 0), [])
})

t.test('[RV11] a beep stays in its column, however wide the window', async t => {
  const peaks = Array.from({ length: 480 }, (_, i) => (i === 240 ? 1 : 0))
  for (const columns of [100, 333, 640, 1_000]) {
    const loud = columnPeaks(peaks, 50, 24_000, columns).flatMap((peak, column) => (peak === 1 ? [column] : []))
    const atMs = ((loud[0] ?? 0) * 24_000) / columns
    t.ok(loud.length > 0 && Math.abs(atMs - 12_000) <= 24_000 / columns + 50, `${columns} columns: ${atMs} ms`)
  }
})
