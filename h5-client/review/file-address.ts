import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { CallId } from '../../signaling/protocol/ids.ts'
import { fileAddress } from './review-api.ts'

/** Where the page finds a file of a record: at the server, or beside itself in a package. */
export const FileAddressContext = createContext<(callId: CallId, path: string) => string>(fileAddress)

export function useFileAddress(): (callId: CallId, path: string) => string {
  return useContext(FileAddressContext)
}
