import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DURATION_MS } from './simulated-record.ts'

/** SIMULATED replay file: a test picture with a running clock and a tone, as long as the simulated call. */
export async function simulatedFilm(): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'simulated-film-'))
  try {
    const file = join(folder, 'replay.webm')
    const seconds = String(DURATION_MS / 1000)
    await promisify(execFile)(process.env.FFMPEG_BIN ?? 'ffmpeg', [
      '-loglevel',
      'error',
      '-f',
      'lavfi',
      '-t',
      seconds,
      '-i',
      'testsrc=size=320x180:rate=5',
      '-f',
      'lavfi',
      '-t',
      seconds,
      '-i',
      'sine=frequency=300',
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-b:v',
      '300k',
      '-g',
      '10',
      '-c:a',
      'libopus',
      file,
    ])
    return await readFile(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
