import { needTool, runTool } from '../tools.ts'

const ffmpeg = () => process.env.FFMPEG_BIN ?? needTool('ffmpeg', 'ffmpeg')
const QUIET = ['-v', 'error']

/** A second of a tone in G.722 (64 kbit/s: 8 bytes a millisecond), for repeating without an end. */
export async function g722Tone(hz: number): Promise<Buffer> {
  const source = ['-f', 'lavfi', '-i', `sine=frequency=${hz}:sample_rate=16000:duration=1`]
  const { status, stdout, stderr } = await runTool(ffmpeg(), [
    ...QUIET,
    ...source,
    '-c:a',
    'g722',
    '-f',
    'g722',
    'pipe:1',
  ])
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  return stdout
}

/** Samples at 16 kHz. */
export async function decodeG722(bytes: Buffer): Promise<Int16Array> {
  const into = ['-f', 's16le', '-ar', '16000', '-ac', '1', 'pipe:1']
  const { status, stdout, stderr } = await runTool(ffmpeg(), [...QUIET, '-f', 'g722', '-i', 'pipe:0', ...into], {
    input: bytes,
  })
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  return Int16Array.from({ length: stdout.length >> 1 }, (_, index) => stdout.readInt16LE(index * 2))
}
