import { RequestRefused } from '../shared/socket.ts'
import { MicrophoneError, type MicrophoneTrouble } from './microphone.ts'

/** Why something failed, for the words of the page. */
export function reasonOf(error: unknown): RequestRefused['code'] | { readonly microphone: MicrophoneTrouble } {
  if (error instanceof RequestRefused) return error.code
  if (error instanceof MicrophoneError) return { microphone: error.trouble }
  return 'internal'
}
