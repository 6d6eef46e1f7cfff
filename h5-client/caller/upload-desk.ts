import type { Language } from '../../signaling/protocol/call.ts'
import type { CallId } from '../../signaling/protocol/ids.ts'
import type { PhoneSignaling } from './phone-signaling.ts'

export type UploadDeskOptions = {
  readonly callId: CallId
  readonly signaling: PhoneSignaling
  readonly language: () => Language
}

export class UploadDesk {
  constructor(o: UploadDeskOptions) {
    void o
  }
  add(files: readonly File[]): void {
    void files
  }
  close(): void {}
}
