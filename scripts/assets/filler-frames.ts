import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { BEEP_FRAMES, BEEP_RATE_HZ, beep } from '../../media/edge/beep.ts'
import { opusPacketsOf } from '../../media/edge/ogg-packets.ts'

/**
 * `node scripts/assets/filler-frames.ts` makes `media/edge/filler-frames.ts`: the waiting beep and silence in the codecs that
 * have no table, coded by ffmpeg in frames of 20 ms. To be run again when the beep changes.
 */
const FFMPEG = process.env.FFMPEG_BIN ?? 'ffmpeg'
const SILENT_FRAMES = 50

function encode(samples: Int16Array, to: readonly string[]): Buffer {
  const from = ['-v', 'error', '-f', 's16le', '-ar', String(BEEP_RATE_HZ), '-ac', '1', '-i', 'pipe:0']
  const run = spawnSync(FFMPEG, [...from, ...to, 'pipe:1'], { input: Buffer.from(samples.buffer) })
  if (run.status !== 0) throw new Error(run.stderr.toString())
  return run.stdout
}

const G722 = ['-ar', '16000', '-c:a', 'g722', '-f', 'g722']
const OPUS = [
  '-c:a',
  'libopus',
  '-application',
  'voip',
  '-vbr',
  'off',
  '-b:a',
  '24k',
  '-frame_duration',
  '20',
  '-f',
  'ogg',
]
const sound = beep()
const silence = new Int16Array(SILENT_FRAMES * 160)

const g722Tone = encode(sound, G722)
// The last of a second: the coder has come to rest.
const g722Silence = encode(silence, G722).subarray(-160)
// The coder looks ahead; the silence behind lets the whole beep out.
const opusTone = opusPacketsOf(encode(Int16Array.from([...sound, ...silence]), OPUS)).slice(0, BEEP_FRAMES + 1)

const lines = (frames: readonly Buffer[]) => frames.map(frame => `    '${frame.toString('base64')}',`).join('\n')
writeFileSync(
  new URL('../../media/edge/filler-frames.ts', import.meta.url),
  `// Made by scripts/assets/filler-frames.ts; not to be changed by hand.

/** Frames of 20 ms, base64: silence, and the waiting beep. */
export const FILLER_FRAMES = {
  G722: {
    silence: '${g722Silence.toString('base64')}',
    tone: [
${lines(Array.from({ length: BEEP_FRAMES }, (_, n) => g722Tone.subarray(n * 160, (n + 1) * 160)))}
    ],
  },
  opus: {
    // One CELT frame that says "nothing", 20 ms, one channel.
    silence: '${Buffer.of(0xf8, 0xff, 0xfe).toString('base64')}',
    tone: [
${lines(opusTone)}
    ],
  },
} as const
`,
)
