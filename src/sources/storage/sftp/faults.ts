/** What a server says of a file. */
import { type Fault, fault } from '../storage.ts'
import { statusCodes } from './packets.ts'

export function faultOfStatus(code: number): { readonly ok: false; readonly fault: Fault } {
  if (code === statusCodes.noSuchFile) return fault('missing', 'no such file')
  if (code === statusCodes.permissionDenied) return fault('denied', 'permission denied')
  if (code === statusCodes.unsupported) return fault('unsupported', 'the server cannot do that')
  return fault('unreachable', `SFTP status ${code}`)
}
