import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWav } from '../../scripts/simulated-caller/wav.ts'

const RATE_HZ = 48_000
/** Syllables, not a steady whistle: a browser's noise suppression takes a steady tone for noise and removes it. */
const ON_MS = 320
const OFF_MS = 160

/** Path of a WAV file for `--use-file-for-fake-audio-capture`, which Chromium repeats for ever. */
export async function fakeMicrophoneFile(hz: number): Promise<string> {
  const periodSamples = ((ON_MS + OFF_MS) * RATE_HZ) / 1000
  const onSamples = (ON_MS * RATE_HZ) / 1000
  const samples = Int16Array.from({ length: periodSamples * 10 }, (_, index) => {
    const within = index % periodSamples
    // Edges of 10 ms keep the tone narrow.
    const edge = Math.min(1, within / 480, (onSamples - within) / 480)
    return within < onSamples ? Math.round(12_000 * edge * Math.sin((2 * Math.PI * hz * index) / RATE_HZ)) : 0
  })
  const folder = join(tmpdir(), 'tongping-fake-microphones')
  await mkdir(folder, { recursive: true })
  const file = join(folder, `${hz}-${process.pid}.wav`)
  await writeFile(file, writeWav({ sampleRateHz: RATE_HZ, samples }))
  return file
}
