import { opusPacketsOf } from '../../media/edge/ogg-packets.ts'
import { g722Tone } from './peers/g722.ts'
import { needTool, runTool } from './tools.ts'

/** A second of a tone in frames of 20 ms, for repeating without an end. */
export async function toneFrames(codec: 'G722' | 'opus', hz: number): Promise<readonly Buffer[]> {
  if (codec === 'opus') return opusPacketsOf(await opusTone(hz))
  const whole = await g722Tone(hz)
  return Array.from({ length: 50 }, (_, n) => whole.subarray(n * 160, (n + 1) * 160)).filter(one => one.length === 160)
}

async function opusTone(hz: number): Promise<Buffer> {
  const source = ['-f', 'lavfi', '-i', `sine=frequency=${hz}:sample_rate=48000:duration=1`]
  const into = ['-c:a', 'libopus', '-b:a', '32k', '-frame_duration', '20', '-f', 'ogg', 'pipe:1']
  const ffmpeg = process.env.FFMPEG_BIN ?? needTool('ffmpeg', 'ffmpeg')
  const { status, stdout, stderr } = await runTool(ffmpeg, ['-v', 'error', ...source, ...into])
  if (status !== 0) throw new Error(`ffmpeg: ${stderr}`)
  return stdout
}
