import type { StorageWords } from '../shared/words/zh-CN/storage.ts'

/** Why a move waits, as the server names it, in words. */
export function storageReason(say: StorageWords, reason: string | null): string {
  if (reason === null) return ''
  const [kind = '', code = ''] = reason.split(' ')
  return kind === 'store-refused' ? say.refusedBy(code) : (say.reasons[kind] ?? reason)
}
